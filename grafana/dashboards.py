#!/usr/bin/env python3
"""Writes the dashboards: the JSON in dashboards/ is what is provisioned, this is what is edited.

    grafana/dashboards.py           writes dashboards/*.json
    grafana/dashboards.py --check   fails where they are not what would be written

Classic dashboard JSON (v1). The data source is a variable, and queries name `job` and `instance` by
variables, so that nothing depends on what a target is called or on labels that it brings along.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent / "dashboards"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Which monitor: every query has it.
M = 'job=~"$job", instance=~"$instance"'
# Which checks, on the page of an endpoint.
E = f'{M}, endpoint="$endpoint", check=~"$check"'

# Classes from the mildest to the gravest: what a timeline shows is the gravest one.
CLASSES = ["internal", "response", "challenge", "denial", "outage", "lockout", "bypass"]
COLORS = {
    "bypass": "dark-red",
    "lockout": "semi-dark-orange",
    "outage": "semi-dark-purple",
    "denial": "yellow",
    "challenge": "blue",
    "response": "super-light-blue",
    "internal": "#8e8e8e",
    "pass": "semi-dark-green",
}
RANKS = {name: rank for rank, name in enumerate(["pass", *CLASSES])}


def gravest(metric, by, selector):
    """The rank of the gravest class that a metric has for each group."""
    ranked = [f'{RANKS[name]} * {metric}{{{selector}, class="{name}"}}' for name in reversed(CLASSES)]
    return f"max by ({by}) (\n  " + "\n  or ".join(ranked) + "\n)"


def since(metric, by):
    """When a series that is there now appeared, in milliseconds; a day ago at the earliest."""
    fresh = f"(timestamp({metric}) unless {metric} offset 1m)"
    return (
        f"1000 * max by ({by}) (\n  {fresh}\n"
        f"  or max_over_time({fresh}[1d:1m]) and {metric}\n"
        f"  or (time() - 86400) * {metric}\n)"
    )


def count(expression):
    """How many series there are; 0 and not nothing where there are none."""
    return f"count({expression}) or vector(0)"


# Pieces of panels.


def target(expression, legend="__auto", **more):
    return {"expr": expression, "legendFormat": legend, "range": True, **more}


def table_target(expression):
    return {"expr": expression, "format": "table", "instant": True, "range": False}


def now(expression, legend="__auto"):
    return target(expression, legend, instant=True, range=False)


def steps(*pairs):
    """Thresholds: the base color, then (from, color)."""
    base, *others = pairs
    rest = [{"color": color, "value": value} for value, color in others]
    return {"mode": "absolute", "steps": [{"color": base, "value": None}, *rest]}


def words(**texts):
    """What values read as: `words(pass_=(0, "green"))`; the value, then its color."""
    options = {
        str(value): {"text": text.strip("_").replace("_", " "), "color": color, "index": index}
        for index, (text, (value, color)) in enumerate(texts.items())
    }
    return [{"type": "value", "options": options}]


def ranges(*rows):
    """What ranges of values look like: (from, to, color)."""
    return [
        {"type": "range", "options": {"from": low, "to": high, "result": {"color": color, "index": index}}}
        for index, (low, high, color) in enumerate(rows)
    ]


VERDICTS = words(**{f"{name}_": (rank, COLORS[name]) for name, rank in RANKS.items()})


def override(name, **properties):
    ids = [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byName", "options": name}, "properties": ids}


def colored(colors):
    fixed = [(name, {"mode": "fixed", "fixedColor": color}) for name, color in colors.items()]
    return [override(name, color=color) for name, color in fixed]


def panel(kind, title, targets, place, *, description="", defaults=None, overrides=(), **options):
    """A panel at (x, y, width, height)."""
    x, y, w, h = place
    targets = [{"refId": chr(65 + at), "datasource": SOURCE, **it} for at, it in enumerate(targets)]
    more = {"transformations": options.pop("transformations")} if "transformations" in options else {}
    interval = {"interval": options.pop("interval")} if "interval" in options else {}
    return {
        "type": kind,
        "title": title,
        "description": description,
        "gridPos": {"x": x, "y": y, "w": w, "h": h},
        "datasource": SOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": defaults or {}, "overrides": list(overrides)},
        "options": options,
        **interval,
        **more,
    }


def stat(title, targets, place, *, mode="background", graph="none", calc="lastNotNull", **more):
    defaults = {"color": {"mode": "thresholds"}, "noValue": "–", **more.pop("defaults", {})}
    reduce = {"calcs": [calc], "fields": "", "values": False}
    return panel(
        "stat", title, targets, place, defaults=defaults, colorMode=mode, graphMode=graph,
        justifyMode="center", orientation="auto", reduceOptions=reduce,
        textMode=more.pop("text", "value"), **more,
    )  # fmt: skip


def lines(title, targets, place, *, unit="short", stack=False, style="line", **more):
    custom = {"drawStyle": style, "lineWidth": 1, "fillOpacity": 10, "showPoints": "never"}
    if style == "bars":
        custom |= {"fillOpacity": 80, "lineWidth": 0}
    if unit == "short":
        # What is counted and is zero is shown below one, and not below a hundred.
        custom |= {"axisSoftMax": 1}
    if stack:
        custom |= {"stacking": {"mode": "normal", "group": "A"}, "fillOpacity": 50}
    defaults = {
        "unit": unit, "min": 0, "custom": custom, "color": {"mode": "palette-classic"},
        **more.pop("defaults", {}),
    }  # fmt: skip
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
    tooltip = {"mode": "multi", "sort": "desc"}
    return panel(
        "timeseries", title, targets, place, defaults=defaults, legend=legend, tooltip=tooltip, **more
    )


def timeline(title, targets, place, mappings, **more):
    defaults = {
        "mappings": mappings,
        "color": {"mode": "thresholds"},
        "thresholds": steps("transparent"),
        "custom": {"fillOpacity": 85, "lineWidth": 0},
    }
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []}
    return panel(
        "state-timeline", title, targets, place, defaults=defaults, mergeValues=True,
        showValue=more.pop("values", "auto"), rowHeight=0.8, alignValue="left", legend=legend,
        tooltip={"mode": "single", "sort": "none"}, **more,
    )  # fmt: skip


def table(title, expression, place, columns, *, overrides=(), **more):
    """A table of labels in this order; {label: heading}, and `Value` for the value."""
    order = {label: at for at, label in enumerate(columns)}
    renamed = {label: heading for label, heading in columns.items() if heading != label}
    hidden = {"Time": True} | ({} if "Value" in columns else {"Value": True})
    organize = {"excludeByName": hidden, "indexByName": order, "renameByName": renamed}
    return panel(
        "table", title, [table_target(expression)], place, overrides=overrides, showHeader=True,
        cellHeight="sm",
        defaults={"custom": {"align": "left", "filterable": False}, "noValue": "none", **more.pop("defaults", {})},
        transformations=[{"id": "organize", "options": organize}], **more,
    )  # fmt: skip


def row(title, y):
    return {
        "type": "row", "title": title, "collapsed": False, "panels": [],
        "gridPos": {"x": 0, "y": y, "w": 24, "h": 1},
    }  # fmt: skip


# Links out of cells.

IN_DEPTH = {
    "title": "In depth",
    "url": "/d/authvigil-endpoint?var-endpoint=${__data.fields.endpoint}&${datasource:queryparam}"
    "&${job:queryparam}&${instance:queryparam}&${__url_time_range}",
}
STATUS_PAGE = {
    "title": "Status page, with evidence",
    "url": "${status_page}/endpoints/${__data.fields.endpoint}",
    "targetBlank": True,
}
RUNBOOK = {"title": "Runbook", "url": "${runbook}#${__data.fields.reason}", "targetBlank": True}
CLASS_WORDS = [
    {
        "type": "value",
        "options": {name: {"text": name, "color": COLORS[name], "index": at} for at, name in enumerate(CLASSES)},
    }
]
# On the name of a class, its color.
CLASS_CELL = override(
    "class", mappings=CLASS_WORDS, custom__cellOptions={"type": "color-background", "mode": "basic"},
    custom__width=110,
)  # fmt: skip
ENDPOINT_CELL = override("endpoint", links=[IN_DEPTH, STATUS_PAGE])
REASON_CELL = override("reason", links=[RUNBOOK], custom__width=190)
# By the alphabet, which is by gravity: critical before warning, and among what is critical bypass
# before lockout before outage. An old bypass must not scroll out of sight behind fresh denials.
GRAVEST_FIRST = [{"displayName": "severity", "desc": False}, {"displayName": "class", "desc": False}]


# Whole dashboards.


def variable(name, metric, label, **more):
    query = f"label_values({metric}, {label})"
    several = {"multi": True, "includeAll": True, "allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}}
    return {
        "type": "query", "name": name, "label": name, "datasource": SOURCE,
        "query": {"query": query, "refId": name}, "refresh": 2, "sort": 1, "hide": 0,
        **({} if more.pop("single", False) else several), **more,
    }  # fmt: skip


def text_variable(name, value):
    """Something that is set once: in a URL, or here."""
    return {
        "type": "textbox", "name": name, "label": name, "hide": 2, "query": value,
        "current": {"text": value, "value": value},
    }  # fmt: skip


VARIABLES = [
    {"type": "datasource", "name": "datasource", "label": "data source", "query": "prometheus", "hide": 0},
    variable("job", "authvigil_build_info", "job"),
    variable("instance", 'authvigil_build_info{job=~"$job"}', "instance"),
    text_variable("status_page", "http://127.0.0.1:9401"),
    text_variable("runbook", "https://authvigil.example.com/guide/troubleshooting"),
]


def annotation(name, expression, color, title):
    return {
        "name": name, "datasource": SOURCE, "enable": True, "hide": False, "iconColor": color,
        "expr": expression, "titleFormat": title, "textFormat": "", "step": "",
    }  # fmt: skip


def incidents(selector):
    """A region for as long as each incident is open."""
    found = "max by (endpoint, check, class) (authvigil_incident_open{%s, class%s\"bypass\"})"
    title = "{{class}}: {{endpoint}}/{{check}}"
    return [
        annotation("Bypasses", found % (selector, "="), "red", title),
        annotation("Other incidents", found % (selector, "!="), "orange", title),
    ]


def link(title, url, kind="link"):
    return {
        "type": kind, "title": title, "url": url, "icon": "external link", "targetBlank": kind == "link",
        "includeVars": False, "keepTime": kind != "link", "asDropdown": False, "tags": [], "tooltip": "",
    }  # fmt: skip


def dashboard(uid, title, description, panels, *, variables=VARIABLES, annotations=(), links=(), start="now-24h"):
    for number, it in enumerate(panels, 1):
        it["id"] = number
    pages = link("authvigil", "", "dashboards") | {"tags": ["authvigil"], "includeVars": True, "asDropdown": True}
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["authvigil"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "fiscalYearStartMonth": 0,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": start, "to": "now"},
        "templating": {"list": list(variables)},
        "annotations": {"list": list(annotations)},
        "links": [pages, *links],
        "panels": panels,
    }


def good(verdicts, by="", within="$__range"):
    """The share of these verdicts, as a pair (good, of), that were good."""
    total = 'sum%s (increase(authvigil_probes_total{%s, verdict%s}[%s]))'
    part, whole = verdicts
    by = f" by ({by})" if by else ""
    return f"{total % (by, M, part, within)}\n/ ({total % (by, M, whole, within)} > 0)"


ON_LOCKS = ('="pass"', '=~"pass|fail"')
ON_ANSWERS = ('=~"pass|fail"', '=~"pass|fail|unknown"')


def overview():
    opened = f"authvigil_incident_open{{{M}}}"
    labels = "endpoint, check, class, severity"

    def open_now(title, classes, color, x, description):
        found = f'count by (job, instance, endpoint) (authvigil_incident_open{{{M}, class=~"{classes}"}})'
        return stat(
            title, [now(count(found))], (x, 0, 4, 5), description=description,
            defaults={"thresholds": steps("semi-dark-green", (1, color))},
        )  # fmt: skip

    holds = f"min by (job, instance, endpoint) (authvigil_check_success{{{M}}}) == 1"
    watched = f"count by (job, instance, endpoint) (authvigil_endpoint_info{{{M}}})"
    monitor = (
        f"0 * min by (job, instance) (authvigil_store_up{{{M}}})\n"
        f"+ 2 * max by (job, instance) (authvigil_monitor_isolated{{{M}}})\n"
        f"or on (job, instance) 4 * (up{{{M}}} == 0)"
    )
    panels = [
        stat(
            "Locks", [now(count(holds), "hold"), now(f"count({watched}) - ({count(holds)})", "do not")], (0, 0, 4, 5),
            description="Endpoints of which every check passes, and all others that are watched.", text="value_and_name",
            defaults={"thresholds": steps("semi-dark-green", (1, "dark-red"))},
            overrides=[override("hold", color={"mode": "fixed", "fixedColor": "semi-dark-green"})],
        ),
        open_now("Open doors", "bypass", COLORS["bypass"], 4, "Endpoints with an open incident of the class bypass: somebody gets in who must not."),
        open_now("Locked out", "lockout", COLORS["lockout"], 8, "Endpoints whose rightful holder is refused."),
        open_now("No answer", "outage", COLORS["outage"], 12, "Endpoints that give no usable answer: no word on the lock."),
        open_now("To be mended", "denial|challenge|response|internal", "dark-yellow", 16, "Endpoints with other open incidents."),
        stat(
            "Monitor", [now(monitor.replace("0 * min", "1 - min"), "{{instance}}")], (20, 0, 4, 5),
            description="Whether the monitor itself can be trusted.",
            defaults={"mappings": words(watching=(0, "semi-dark-green"), cannot_keep_state=(1, "orange"), cut_off=(2, "dark-red"), cut_off_=(3, "dark-red"), gone=(4, "dark-red")), "thresholds": steps("dark-red")},
        ),
        table(
            "Open now", since(opened, labels), (0, 5, 12, 9),
            {"endpoint": "endpoint", "check": "check", "class": "class", "severity": "severity", "Value": "since"},
            description="Confirmed incidents, the gravest first. What is older than a day is shown as of a day ago.",
            overrides=[ENDPOINT_CELL, CLASS_CELL, override("since", unit="dateTimeFromNow", custom__width=140), override("severity", custom__width=90)],
            sortBy=[*GRAVEST_FIRST, {"displayName": "since", "desc": True}],
        ),
        table(
            "What is wrong", f"max by ({labels}, reason) (authvigil_check_failing{{{M}}})", (12, 5, 12, 9),
            {"endpoint": "endpoint", "check": "check", "class": "class", "reason": "reason", "severity": "severity"},
            description="Every finding of the last verdicts, confirmed or not.",
            overrides=[ENDPOINT_CELL, CLASS_CELL, REASON_CELL, override("severity", custom__width=90)],
            sortBy=GRAVEST_FIRST,
        ),
        timeline(
            "Incidents", [target(gravest("authvigil_incident_open", "endpoint, check", M), "{{endpoint}}/{{check}}")],
            (0, 14, 24, 9), VERDICTS, values="never",
            description="A row for each check that had an incident in this time, in the color of the gravest class.",
        ),
        lines(
            "Open incidents", [target(f"sum by (class) (authvigil_incident_open{{{M}}})\nor 0 * sum by (class) (authvigil_incidents_total{{{M}}})", "{{class}}")],
            (0, 23, 12, 8), stack=True, overrides=colored(COLORS), defaults={"decimals": 0},
        ),
        lines(
            "Incidents opened", [target(f"round(sum by (class) (increase(authvigil_incidents_total{{{M}}}[$__interval])))", "{{class}}")],
            (12, 23, 12, 8), interval="5m", stack=True, style="bars", overrides=colored(COLORS), defaults={"decimals": 0},
        ),
        stat(
            "Good verdicts on locks", [now(good(ON_LOCKS))], (0, 31, 6, 4), mode="value", graph="none",
            description="Of the verdicts in this time that say something of a lock.",
            defaults={"unit": "percentunit", "decimals": 2, "thresholds": steps("red", (0.99, "orange"), (0.995, "green"))},
        ),
        stat(
            "Usable answers", [now(good(ON_ANSWERS))], (0, 35, 6, 4), mode="value",
            description="Of all verdicts in this time, those that were not unknown.",
            defaults={"unit": "percentunit", "decimals": 2, "thresholds": steps("red", (0.99, "orange"), (0.995, "green"))},
        ),
        panel(
            "bargauge", "Least good locks", [now(f"sort(bottomk(10, {good(ON_LOCKS, 'endpoint')}))", "{{endpoint}}")], (6, 31, 9, 8),
            description="The share of good verdicts in this time; the objective of deploy/prometheus is 99.5 %.",
            defaults={"unit": "percentunit", "decimals": 2, "min": 0, "max": 1, "color": {"mode": "thresholds"}, "thresholds": steps("red", (0.99, "orange"), (0.995, "green"))},
            displayMode="basic", orientation="horizontal", showUnfilled=True, valueMode="color",
            reduceOptions={"calcs": ["lastNotNull"], "fields": "", "values": False},
        ),
        table(
            "Certificates, the first to expire", f"sort(1000 * bottomk(10, min by (endpoint) (authvigil_certificate_expiry_timestamp_seconds{{{M}}})))", (15, 31, 9, 8),
            {"endpoint": "endpoint", "Value": "expires"},
            overrides=[ENDPOINT_CELL, override("expires", unit="dateTimeFromNow")],
            sortBy=[{"displayName": "expires", "desc": False}],
        ),
    ]  # fmt: skip
    return dashboard(
        "authvigil-overview", "authvigil: locks", "How many locks hold, what is open now, and since when.", panels,
        annotations=incidents(M), links=[link("Status page", "${status_page}/")],
    )  # fmt: skip


def endpoint():
    verdict = f"{gravest('authvigil_check_failing', 'check', E)}\nor 0 * max by (check) (authvigil_check_success{{{E}}} == 1)"
    seconds = f"authvigil_http_duration_seconds{{{E}}}"
    until = f'min(authvigil_certificate_expiry_timestamp_seconds{{{M}, endpoint="$endpoint"}}) - time()'
    statuses = ranges((100, 199, "#8e8e8e"), (200, 299, "semi-dark-green"), (300, 399, "semi-dark-blue"), (400, 499, "yellow"), (500, 599, "semi-dark-purple"))
    panels = [
        stat(
            "Verdicts now", [now(verdict, "{{check}}")], (0, 0, 12, 5), text="value_and_name",
            defaults={"mappings": VERDICTS, "thresholds": steps("transparent")},
            description="The gravest class of each check's findings.",
        ),
        stat(
            "Certificate ends in", [now(until)], (12, 0, 4, 5), mode="value",
            defaults={"unit": "dtdurations", "decimals": 0, "thresholds": steps("red", (172800, "orange"), (1209600, "green"))},
        ),
        stat(
            "Open incidents", [now(count(f"authvigil_incident_open{{{E}}}"))], (16, 0, 4, 5),
            defaults={"thresholds": steps("semi-dark-green", (1, "dark-red"))},
        ),
        stat(
            "Last probe", [now(f"1000 * max(authvigil_last_probe_timestamp_seconds{{{E}}})")], (20, 0, 4, 5), mode="none",
            defaults={"unit": "dateTimeFromNow"},
        ),
        timeline(
            "Verdicts", [target(verdict, "{{check}}")], (0, 5, 24, 6), VERDICTS,
            description="A gap is a time without a verdict.",
        ),
        table(
            "What is wrong", f"max by (check, class, reason, severity) (authvigil_check_failing{{{E}}})", (0, 11, 12, 7),
            {"check": "check", "class": "class", "reason": "reason", "severity": "severity"},
            overrides=[CLASS_CELL, REASON_CELL],
            sortBy=GRAVEST_FIRST,
        ),
        timeline(
            "Challenges on offer", [target(f"max by (check, scheme) (authvigil_challenge_info{{{E}}})", "{{check}}: {{scheme}}")],
            (12, 11, 12, 7), words(on_offer=(1, "semi-dark-blue")), values="never",
            description="Schemes in WWW-Authenticate of each answer.",
        ),
        timeline(
            "Status codes", [target(f"max by (check) (authvigil_http_status_code{{{E}}})", "{{check}}")],
            (0, 18, 24, 6), statuses, description="A healthy lock answers 401 to strangers.", values="always",
        ),
        lines(
            "Phases", [target(f"avg by (phase) ({seconds})", "{{phase}}")], (0, 24, 12, 8), unit="s", stack=True,
            description="The mean of the last probes of the chosen checks.",
        ),
        lines(
            "Duration by check", [target(f"sum by (check) ({seconds})", "{{check}}")], (12, 24, 12, 8), unit="s",
        ),
        lines(
            "Verdicts a minute", [target(f"60 * sum by (verdict) (rate(authvigil_probes_total{{{E}}}[$__rate_interval]))", "{{verdict}}")],
            (0, 32, 12, 8), stack=True,
            overrides=colored({"pass": COLORS["pass"], "fail": COLORS["bypass"], "unknown": COLORS["outage"]}),
        ),
        lines(
            "Bad verdicts by class", [target(f"sum by (class) (increase(authvigil_probe_failures_total{{{E}}}[$__interval]))", "{{class}}")],
            (12, 32, 12, 8), interval="5m", stack=True, style="bars", overrides=colored(COLORS),
        ),
        row("Credentials of this monitor", 40),
        table(
            "Last accepted", f"sort(1000 * max by (credential) (authvigil_credential_last_accepted_timestamp_seconds{{{M}}}))", (0, 41, 12, 7),
            {"credential": "credential", "Value": "last accepted"},
            overrides=[override("last accepted", unit="dateTimeFromNow")],
            description="When an endpoint last let the rightful holder in.",
        ),
        table(
            "Expiry", f"sort(1000 * min by (credential) (authvigil_credential_expiry_timestamp_seconds{{{M}}}))", (12, 41, 12, 7),
            {"credential": "credential", "Value": "expires"},
            overrides=[override("expires", unit="dateTimeFromNow")],
            description="Where it is known: tokens that say so, and certificates.",
        ),
        lines(
            "Tokens and sessions that were fetched",
            [target(f"sum by (credential, outcome) (increase(authvigil_token_fetches_total{{{M}}}[$__interval]))", "{{credential}} {{outcome}}")],
            (0, 48, 24, 7), interval="5m", style="bars", stack=True,
            description="By what came of it; refused are those that were kept, and that an endpoint did not want any more.",
        ),
    ]  # fmt: skip
    chosen = [
        variable("endpoint", f"authvigil_endpoint_info{{{M}}}", "endpoint", single=True),
        variable("check", f'authvigil_probes_total{{{M}, endpoint="$endpoint"}}', "check"),
    ]
    return dashboard(
        "authvigil-endpoint", "authvigil: an endpoint", "One endpoint in depth: verdicts, challenges, phases, expiry.", panels,
        variables=[*VARIABLES[:3], *chosen, *VARIABLES[3:]],
        annotations=incidents(f'{M}, endpoint="$endpoint"'),
        links=[link("Status page of this endpoint", "${status_page}/endpoints/${endpoint}")],
        start="now-6h",
    )  # fmt: skip


def health():
    def quantiles(metric, by=""):
        series = f"sum by (le{by}) (rate({metric}_bucket{{{M}}}[$__rate_interval]))"
        return [(q, f"histogram_quantile({q}, {series})") for q in (0.5, 0.95, 0.99)]

    def yes_no(title, expression, x, good_word, bad_word, description=""):
        return stat(
            title, [now(expression, "{{instance}}")], (x, 0, 4, 4), description=description,
            defaults={"mappings": words(**{good_word: (1, "semi-dark-green"), bad_word: (0, "dark-red")}), "thresholds": steps("dark-red", (1, "semi-dark-green"))},
        )  # fmt: skip

    panels = [
        yes_no("Scraped", f"min(up{{{M}}})", 0, "yes", "no"),
        yes_no("Configuration", f"min(authvigil_config_last_reload_successful{{{M}}})", 4, "in_force", "faults", "`authvigil validate` prints every fault."),
        yes_no("State file", f"min(authvigil_store_up{{{M}}})", 8, "written", "memory_only"),
        yes_no("Network", f"1 - max(authvigil_monitor_isolated{{{M}}})", 12, "in_touch", "cut_off", "Most hosts fail at once: the fault may be the monitor's."),
        stat(
            "Oldest notice", [now(f"max(authvigil_outbox_oldest_age_seconds{{{M}}})")], (16, 0, 4, 4),
            description="How long somebody has waited to be told.",
            defaults={"unit": "s", "decimals": 0, "thresholds": steps("semi-dark-green", (60, "orange"), (300, "dark-red"))},
        ),
        stat(
            "Running since", [now(f"1000 * min(process_start_time_seconds{{{M}}})")], (20, 0, 4, 4), mode="none",
            defaults={"unit": "dateTimeFromNow"},
        ),
        row("Schedule", 4),
        lines(
            "How late probes start", [target(expression, f"p{q * 100:g}") for q, expression in quantiles("authvigil_schedule_lag_seconds")],
            (0, 5, 8, 8), unit="s",
        ),
        lines("Probes in flight", [target(f"sum by (instance) (authvigil_probes_in_flight{{{M}}})", "{{instance}}")], (8, 5, 8, 8), defaults={"decimals": 0}),
        lines(
            "Turns skipped a minute", [target(f"60 * sum by (cause) (rate(authvigil_probes_skipped_total{{{M}}}[$__rate_interval]))", "{{cause}}")],
            (16, 5, 8, 8), description="held_back is for the sake of accounts; the others are this monitor's or a server's.",
        ),
        lines(
            "Probes a second", [target(f"sum by (verdict) (rate(authvigil_probes_total{{{M}}}[$__rate_interval]))", "{{verdict}}")],
            (0, 13, 12, 8), stack=True,
            overrides=colored({"pass": COLORS["pass"], "fail": COLORS["bypass"], "unknown": COLORS["outage"]}),
        ),
        lines(
            "Duration of probes, 99th percentile", [target(quantiles("authvigil_probe_duration_seconds", ", verdict")[2][1], "{{verdict}}")],
            (12, 13, 12, 8), unit="s",
            overrides=colored({"pass": COLORS["pass"], "fail": COLORS["bypass"], "unknown": COLORS["outage"]}),
        ),
        row("Notices", 21),
        lines("Owed", [target(f"sum by (receiver) (authvigil_outbox_pending{{{M}}})", "{{receiver}}")], (0, 22, 8, 8), defaults={"decimals": 0}),
        lines(
            "Tries to deliver", [target(f"sum by (receiver, outcome) (increase(authvigil_notices_total{{{M}}}[$__interval]))", "{{receiver}} {{outcome}}")],
            (8, 22, 8, 8), interval="5m", style="bars", stack=True,
        ),
        stat(
            "Dead letters", [now(f"sum by (receiver) (authvigil_dead_letters{{{M}}})", "{{receiver}}")], (16, 22, 4, 8), text="value_and_name",
            description="Refused for good, as far back as they are kept; the status page has the words of the refusal.",
            defaults={"thresholds": steps("semi-dark-green", (1, "orange"))},
        ),
        stat("Silences", [now(f"sum(authvigil_silences_active{{{M}}})")], (20, 22, 4, 8), mode="none", description="Silences that hold now."),
        row("State", 30),
        lines(
            "Trouble with the state file",
            [
                target(f"sum(increase(authvigil_store_failures_total{{{M}}}[$__interval]))", "writes that failed"),
                target(f"sum(increase(authvigil_changes_lost_total{{{M}}}[$__interval]))", "changes lost"),
            ],
            (0, 31, 12, 7), interval="5m", style="bars",
        ),
        table(
            "Versions and configurations",
            f"1000 * max by (instance) (authvigil_config_last_reload_success_timestamp_seconds{{{M}}}) * on (instance) group_left (version) max by (instance, version) (authvigil_build_info{{{M}}})",
            (12, 31, 12, 7), {"instance": "instance", "version": "version", "Value": "configuration read"},
            overrides=[override("configuration read", unit="dateTimeFromNow")],
        ),
        row("Process", 38),
        lines("Memory", [target(f"sum by (instance) (process_resident_memory_bytes{{{M}}})", "{{instance}}")], (0, 39, 6, 7), unit="bytes"),
        lines("Processor", [target(f"sum by (instance) (rate(process_cpu_seconds_total{{{M}}}[$__rate_interval]))", "{{instance}}")], (6, 39, 6, 7), unit="percentunit"),
        lines(
            "File descriptors",
            [target(f"sum by (instance) (process_open_fds{{{M}}})", "{{instance}} open"), target(f"sum by (instance) (process_max_fds{{{M}}})", "{{instance}} limit")],
            (12, 39, 6, 7), defaults={"custom": {"scaleDistribution": {"type": "log", "log": 10}, "lineWidth": 1, "showPoints": "never"}, "min": 1},
        ),
        lines("Threads", [target(f"sum by (instance) (process_threads{{{M}}})", "{{instance}}")], (18, 39, 6, 7)),
    ]  # fmt: skip
    restarts = f"changes(process_start_time_seconds{{{M}}}[$__rate_interval]) > 0"
    faults = f"authvigil_config_last_reload_successful{{{M}}} == 0"
    return dashboard(
        "authvigil-health", "authvigil: the monitor itself", "Whether the monitor can be trusted: its schedule, notices, state and process.", panels,
        annotations=[annotation("Starts", restarts, "blue", "started: {{instance}}"), annotation("Faulty configuration", faults, "orange", "faulty configuration: {{instance}}")],
        links=[link("Status page", "${status_page}/")], start="now-6h",
    )  # fmt: skip


def main():
    wrong = []
    for name, made in (("overview", overview()), ("endpoint", endpoint()), ("health", health())):
        path = HERE / f"{name}.json"
        text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(path.name)
    if wrong:
        sys.exit(f"not what grafana/dashboards.py writes; run it: {' '.join(wrong)}")


if __name__ == "__main__":
    main()
