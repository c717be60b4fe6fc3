"""Which calendar an exchange of Yahoo's keeps: its code there, and exchange_calendars' for it.

Where none is known a ticker is held against its own rhythm alone. Shenzhen closes with Shanghai,
the National exchange of India with Bombay.
"""

from collections.abc import Mapping

# fmt: off
_CALENDARS: Mapping[str, tuple[str, ...]] = {
    "24/7": ("CCC",),
    "ASEX": ("ATH",), "BVMF": ("SAO",), "XAMS": ("AMS",), "XASX": ("ASX",), "XBOM": ("BSE", "NSI"),
    "XBRU": ("BRU",), "XBUD": ("BUD",), "XCSE": ("CPH",), "XDUB": ("ISE",), "XDUS": ("DUS",),
    "XETR": ("GER",), "XFRA": ("FRA",), "XHAM": ("HAM", "HAN"), "XHEL": ("HEL",), "XHKG": ("HKG",),
    "XIST": ("IST",), "XJSE": ("JNB",), "XKRX": ("KSC", "KOE"), "XLIS": ("LIS",),
    "XLON": ("LSE", "IOB", "FGI"), "XMAD": ("MCE",), "XMEX": ("MEX",), "XMIL": ("MIL",),
    "XNZE": ("NZE",), "XOSL": ("OSL",), "XPAR": ("PAR",), "XPRA": ("PRA",), "XSES": ("SES",),
    "XSHG": ("SHH", "SHZ"),
    "XSTO": ("STO",), "XSTU": ("STU",), "XSWX": ("EBS",), "XTAE": ("TLV",), "XTAI": ("TAI", "TWO"),
    "XTKS": ("JPX", "OSA"), "XTSE": ("TOR", "VAN"), "XWAR": ("WSE",), "XWBO": ("VIE",),
}
# fmt: on
CALENDARS = {code: calendar for calendar, codes in _CALENDARS.items() for code in codes}
