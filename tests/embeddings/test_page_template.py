import pytest

from embeddings.page_template import NO_SCRIPTS, OWN_SCRIPTS, fill_page

MAP = {"SUBTITLE": "", "POINTS": "[]"}


def test_a_page_begins_with_the_head_that_all_share():
    page = fill_page("map.html", "Words <b>", MAP, OWN_SCRIPTS)
    assert page.startswith('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">')
    assert "<title>Words &lt;b&gt;</title>" in page and "<h1>Words &lt;b&gt;</h1>" in page
    assert page.count("<head>") == page.count("</head>") == page.count("</html>") == 1
    assert "{{" not in page


@pytest.mark.parametrize("scripts", [OWN_SCRIPTS, NO_SCRIPTS])
def test_the_policy_forbids_all_requests_and_scripts_unless_the_page_has_its_own(scripts):
    page = fill_page("map.html", "", MAP, scripts)
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src {scripts}; img-src data:"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page


def test_a_placeholder_in_a_value_stays_as_it_is():
    page = fill_page("map.html", "{{POINTS}}", MAP | {"SUBTITLE": "{{HEAD}}"})
    assert "<h1>{{POINTS}}</h1><p>{{HEAD}}</p>" in page


def test_a_value_that_is_missing_is_an_error():
    with pytest.raises(KeyError, match="POINTS"):
        fill_page("map.html", "", {"SUBTITLE": ""})
