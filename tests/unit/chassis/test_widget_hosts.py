"""Which sites may show the booking page: their names go into a header, so nothing else may stand in the setting."""

import pytest

from chassis.config import Misconfigured, read


def test_hosts_are_origins_separated_by_commas():
    named = "https://salon.example, http://127.0.0.1:8081 ,"
    assert read({"LOKON_WIDGET_HOSTS": named}).widget_hosts == ("https://salon.example", "http://127.0.0.1:8081")
    assert read({}).widget_hosts == ()


@pytest.mark.parametrize(
    "named",
    ["*", "salon.example", "https://salon.example/", "https://a.example; script-src *", "https://a.example\r\nX: y"],
)
def test_what_is_no_origin_is_refused_at_the_start(named):
    with pytest.raises(Misconfigured, match="LOKON_WIDGET_HOSTS"):
        read({"LOKON_WIDGET_HOSTS": named})
