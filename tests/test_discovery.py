"""Which files are strategies, told without loading them."""

import strategies
from strategies.dca import discovery

CLASS = "class Mine:\n    name = {name!r}\n    label = {label!r}\n"


def test_a_file_is_a_strategy_by_a_class_that_states_its_name(tmp_path, monkeypatch):
    (tmp_path / "my_idea.py").write_text(CLASS.format(name="my-idea", label="other"))
    (tmp_path / "labelled.py").write_text(CLASS.format(name="other", label="labelled"))
    (tmp_path / "empty.py").write_text("name = 'empty'\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__init__.py").write_text(CLASS.format(name="folder", label=""))
    monkeypatch.setattr(strategies, "__path__", [str(tmp_path)])
    assert discovery.names() == ["my-idea"]
