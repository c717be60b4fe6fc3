"""Every start month or many drawn paths, over a grid of terms."""
