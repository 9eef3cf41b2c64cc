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
# Told apart by who does not see red or green as well, of whom most do not tell the usual red and green
# on a timeline; words stand beside them wherever there is room.
COLORS = {
    "bypass": "dark-red",
    "lockout": "dark-orange",
    "outage": "#7d4cb0",
    "denial": "yellow",
    "challenge": "blue",
    "response": "super-light-blue",
    "internal": "#8e8e8e",
    "pass": "green",
}
RANKS = {name: rank for rank, name in enumerate(["pass", *CLASSES])}


def gravest(metric, by, selector):
    """The rank of the gravest class that a metric has for each group."""
    ranked = [f'{RANKS[name]} * {metric}{{{selector}, class="{name}"}}' for name in reversed(CLASSES)]
    return f"max by ({by}) (\n  " + "\n  or ".join(ranked) + "\n)"


def since(metric, by):
    """When what is there now appeared, in milliseconds; a day ago at the earliest.

    What was there a minute before has not appeared; nor has what was there before a monitor was away
    (a restart, a move to another instance), for up to five minutes.
    """
    here = f"max by ({by}) ({metric})"
    before = (
        f"max by ({by}) ({metric} offset 1m\n"
        f"    or max_over_time({metric}[5m] offset 1m) unless on (job, instance) authvigil_build_info{{{M}}} offset 1m)"
    )
    fresh = f"time() * ({here}\n    unless {before})"
    return (
        f"1000 * (\n  ({fresh})\n"
        f"  or max_over_time(({fresh})[1d:1m]) and {here}\n"
        f"  or (time() - 86400) * {here}\n)"
    )


def count(expression, known=f"authvigil_build_info{{{M}}}"):
    """How many series there are; 0 where there are none, and nothing where no monitor says so."""
    return f"count({expression})\nor 0 * count({known})"


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
# Behind white letters green has to be darker.
VERDICTS_NOW = words(**{f"{name}_": (rank, {**COLORS, "pass": "semi-dark-green"}[name]) for name, rank in RANKS.items()})


# A dash on grey, not the color of what is good, where nothing is known.
UNKNOWN = {
    "type": "special",
    "options": {"match": "null+nan", "result": {"text": "–", "color": "#6e6e6e", "index": 99}},
}


# Before the end of a certificate or a credential, in seconds: two days, two weeks.
EXPIRY = steps("red", (172800, "orange"), (1209600, "green"))


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


def stat(title, targets, place, *, mode="background_solid", graph="none", calc="lastNotNull", **more):
    defaults = {"color": {"mode": "thresholds"}, "noValue": "–", **more.pop("defaults", {})}
    defaults["mappings"] = [*defaults.get("mappings", []), UNKNOWN]
    reduce = {"calcs": [calc], "fields": "", "values": False}
    return panel(
        "stat", title, targets, place, defaults=defaults, colorMode=mode, graphMode=graph,
        justifyMode="center", orientation=more.pop("orientation", "auto"), reduceOptions=reduce,
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
        "noValue": "none known",
    }
    legend = {"displayMode": "list", "placement": "bottom", "showLegend": False, "calcs": []}
    return panel(
        "state-timeline", title, targets, place, defaults=defaults, mergeValues=True,
        showValue=more.pop("values", "auto"), rowHeight=0.8, alignValue="left", legend=legend,
        tooltip={"mode": "single", "sort": "none"}, **more,
    )  # fmt: skip


def table(title, expression, place, columns, *, overrides=(), hide=(), **more):
    """A table of labels in this order; {label: heading}, and `Value` for the value."""
    order = {label: at for at, label in enumerate(columns)}
    renamed = {label: heading for label, heading in columns.items() if heading != label}
    hidden = {"Time": True} | dict.fromkeys(hide, True) | ({} if "Value" in columns else {"Value": True})
    organize = {"excludeByName": hidden, "indexByName": order, "renameByName": renamed}
    return panel(
        "table", title, [table_target(expression)], place, overrides=overrides, showHeader=True,
        cellHeight="sm",
        defaults={"custom": {"align": "left", "filterable": False}, "noValue": "none known", **more.pop("defaults", {})},
        transformations=[{"id": "organize", "options": organize}], **more,
    )  # fmt: skip


def row(title, y):
    return {
        "type": "row", "title": title, "collapsed": False, "panels": [],
        "gridPos": {"x": 0, "y": y, "w": 24, "h": 1},
    }  # fmt: skip


VERDICT_COLORS = colored({"pass": COLORS["pass"], "fail": COLORS["bypass"], "unknown": COLORS["outage"]})

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
    custom__width=95,
)  # fmt: skip
ENDPOINT_CELL = override("endpoint", links=[IN_DEPTH, STATUS_PAGE])
REASON_CELL = override("reason", links=[RUNBOOK], custom__width=180)
SEVERITY_CELL = override("severity", custom__width=85)
# By the alphabet, which is by gravity: critical before warning, and among what is critical bypass
# before lockout before outage. An old bypass must not scroll out of sight behind fresh denials.
GRAVEST_FIRST = [{"displayName": "severity", "desc": False}, {"displayName": "class", "desc": False}]


# Whole dashboards.


def variable(name, metric, label, **more):
    """A list to choose from. All of it is what it lists, not `.*`: `up` and `process_*` are everybody's."""
    query = f"label_values({metric}, {label})"
    several = {"multi": True, "includeAll": True, "current": {"text": ["All"], "value": ["$__all"]}}
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


def annotation(name, expression, color, title, *, enable=True, step="", **more):
    return {
        "name": name, "datasource": SOURCE, "enable": enable, "hide": False, "iconColor": color,
        "expr": expression, "titleFormat": title, "textFormat": "", "step": step, **more,
    }  # fmt: skip


def incidents(selector, *, others, step):
    """A region for as long as each incident is open; those of other classes are shown at once or can be.

    Grafana asks for a hundred points at most, and no incident is to fall between two of them: hence
    the range. Older versions put points together by `step` alone, so it is what the usual time of a
    dashboard comes to.
    """
    found = "max by (endpoint, check, class) (max_over_time(authvigil_incident_open{%s, class%s\"bypass\"}[$__rate_interval]))"
    title = "{{class}}: {{endpoint}}/{{check}}"
    return [
        annotation("Bypasses", found % (selector, "="), "red", title, step=step),
        annotation("Other incidents", found % (selector, "!="), "orange", title, enable=others, step=step),
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
    # Whose it is, where endpoints have a label `team`: of two answers one, for two would cost the table,
    # and none is no reason to leave an incident out.
    team = (
        f"* on (endpoint) group_left (team) (\n  topk by (endpoint) (1, authvigil_endpoint_info{{{M}}})\n"
        f"  or on (endpoint) group by (endpoint) ({opened})\n)"
    )
    known = f"and on (endpoint) authvigil_endpoint_info{{{M}}}"

    def open_now(title, classes, color, x, description):
        found = f'count by (endpoint) (authvigil_incident_open{{{M}, class=~"{classes}"}})'
        return stat(
            title, [now(count(found))], (x, 0, 4, 5), description=f"{description} A dash: no monitor answers.",
            defaults={"thresholds": steps("semi-dark-green", (1, color))},
        )  # fmt: skip

    holds = count(f"min by (endpoint) (authvigil_check_success{{{M}}}) == 1")
    watched = f"count(count by (endpoint) (authvigil_endpoint_info{{{M}}}))"
    # `up` counts as well where it is 0, and then nothing else of that monitor is there.
    monitor = (
        f"(1 - min by (job, instance) (authvigil_store_up{{{M}}}))\n"
        f"+ 2 * max by (job, instance) (authvigil_monitor_isolated{{{M}}})\n"
        f"or on (job, instance) 4 * max by (job, instance) (up{{{M}}} == bool 0) > 0"
    )
    monitor_words = words(
        watching=(0, "semi-dark-green"), cannot_keep_state=(1, "semi-dark-orange"),
        cut_off=(2, "dark-red"), cut_off_=(3, "dark-red"), gone=(4, "dark-red"),
    )  # fmt: skip
    objective = steps("red", (0.99, "orange"), (0.995, "green"))
    # Days before the end; what an endpoint's own horizon is, its incidents say.
    remaining = {"unit": "dtdurations", "decimals": 1, "custom__width": 165, "thresholds": EXPIRY, "custom__cellOptions": {"type": "color-text"}}
    panels = [
        stat(
            "Locks", [now(holds, "hold"), now(f"{watched} - ({holds})", "others")], (0, 0, 4, 5), text="value_and_name",
            description="Endpoints of which every check passes, and all others that are watched: those that are broken, and those of which nothing can be said. What two monitors watch counts once, and holds where both say so.",
            defaults={"thresholds": steps("semi-dark-green", (1, "semi-dark-orange"))},
            overrides=[override("hold", thresholds=steps("#6e6e6e", (1, "semi-dark-green")))],
        ),
        open_now("Open doors", "bypass", COLORS["bypass"], 4, "Endpoints with an open incident of the class bypass: somebody gets in who must not."),
        open_now("Locked out", "lockout", COLORS["lockout"], 8, "Endpoints whose rightful holder is refused."),
        open_now("No answer", "outage", COLORS["outage"], 12, "Endpoints that give no usable answer: no word on the lock."),
        open_now("To be mended", "denial|challenge|response|internal", "#9c7a00", 16, "Endpoints with other open incidents."),
        stat(
            "Monitor", [now(monitor, "{{instance}}")], (20, 0, 4, 5), text="value_and_name", orientation="horizontal",
            description="Whether each monitor can be trusted: whether it answers, can keep its state, and is in touch with what it watches.",
            defaults={"mappings": monitor_words, "thresholds": steps("dark-red")},
        ),
        table(
            "Open now", f"{since(opened, labels)}\n{team}", (0, 5, 13, 9),
            {"endpoint": "endpoint", "check": "check", "class": "class", "severity": "severity", "team": "team", "Value": "since"},
            description="Confirmed incidents, the gravest first, and the newest of them. What is older than a day is shown as of a day ago. The team is the label `team` of the endpoint, where it has one.",
            overrides=[
                ENDPOINT_CELL, CLASS_CELL, SEVERITY_CELL, override("check", custom__width=110),
                override("team", noValue="–", custom__width=95), override("since", unit="dateTimeFromNow", custom__width=140),
            ],
            sortBy=[*GRAVEST_FIRST, {"displayName": "since", "desc": True}],
        ),
        table(
            "What is wrong", f"max by ({labels}, reason) (authvigil_check_failing{{{M}}})", (13, 5, 11, 9),
            {"endpoint": "endpoint", "check": "check", "class": "class", "reason": "reason", "severity": "severity"},
            description="Every finding of the last verdicts, confirmed or not. A reason leads to its runbook.",
            overrides=[ENDPOINT_CELL, CLASS_CELL, REASON_CELL, SEVERITY_CELL, override("check", custom__width=100)],
            sortBy=GRAVEST_FIRST,
        ),
        timeline(
            "Incidents", [target(gravest("authvigil_incident_open", "endpoint", M), "{{endpoint}}")],
            (0, 14, 24, 9), VERDICTS, perPage=20,
            description="A row for each endpoint that had an incident in this time, in the color and with the name of the gravest class.",
        ),
        lines(
            "Open incidents",
            [target(f"count by (class) (max by ({labels}) ({opened}))\nor 0 * sum by (class) (authvigil_incidents_total{{{M}}})", "{{class}}")],
            (0, 23, 12, 8), stack=True, overrides=colored(COLORS), defaults={"decimals": 0},
            description="One for each check and class.",
        ),
        lines(
            "Incidents opened",
            [target(f"round(sum by (class) (increase(authvigil_incidents_total{{{M}}}[$__rate_interval])))", "{{class}}")],
            (12, 23, 12, 8), interval="5m", stack=True, style="bars", overrides=colored(COLORS), defaults={"decimals": 0},
            description="In each span of five minutes or more. Where two monitors watch the same endpoint, both count.",
        ),
        stat(
            "Good verdicts on locks", [now(good(ON_LOCKS))], (0, 31, 5, 4), mode="value",
            description="Of the verdicts in this time that say something of a lock, those that were good. Red is below 99 %, orange below the objective of deploy/prometheus, 99.5 %.",
            defaults={"unit": "percentunit", "decimals": 2, "thresholds": objective},
        ),
        stat(
            "Usable answers", [now(good(ON_ANSWERS))], (0, 35, 5, 4), mode="value",
            description="Of all verdicts in this time, those that were not unknown.",
            defaults={"unit": "percentunit", "decimals": 2, "thresholds": objective},
        ),
        panel(
            "bargauge", "Least good locks", [now(f"sort(bottomk(10, {good(ON_LOCKS, 'endpoint')}\n{known}))", "{{endpoint}}")], (5, 31, 7, 8),
            description="The share of good verdicts in this time, of endpoints that are watched now; the objective of deploy/prometheus is 99.5 %.",
            defaults={"unit": "percentunit", "decimals": 2, "min": 0, "max": 1, "noValue": "none known", "color": {"mode": "thresholds"}, "thresholds": objective},
            displayMode="basic", orientation="horizontal", showUnfilled=True, valueMode="color",
            reduceOptions={"calcs": ["lastNotNull"], "fields": "", "values": False},
        ),
        table(
            "Certificates, the first to expire", f"sort(bottomk(10, min by (endpoint) (authvigil_certificate_expiry_timestamp_seconds{{{M}}}))) - time()", (12, 31, 6, 8),
            {"endpoint": "endpoint", "Value": "ends in"},
            description="Red two days before the end, orange two weeks before.",
            overrides=[ENDPOINT_CELL, override("ends in", **remaining)],
            sortBy=[{"displayName": "ends in", "desc": False}],
        ),
        table(
            "Credentials, the first to expire", f"sort(bottomk(10, min by (credential) (authvigil_credential_expiry_timestamp_seconds{{{M}}}))) - time()", (18, 31, 6, 8),
            {"credential": "credential", "Value": "ends in"},
            description="Tokens that say when they end, and client certificates; of a password nobody knows. Red two days before the end, orange two weeks before.",
            overrides=[override("ends in", **remaining)],
            sortBy=[{"displayName": "ends in", "desc": False}],
        ),
    ]  # fmt: skip
    return dashboard(
        "authvigil-overview", "authvigil: locks", "How many locks hold, what is open now, and since when.", panels,
        annotations=incidents(M, others=False, step="15m"), links=[link("Status page", "${status_page}/")],
    )  # fmt: skip


def endpoint():
    verdict = f"{gravest('authvigil_check_failing', 'check', E)}\nor 0 * max by (check) (authvigil_check_success{{{E}}} == 1)"
    seconds = f"authvigil_http_duration_seconds{{{E}}}"
    here = f'{M}, endpoint="$endpoint"'
    findings = "check, class, reason, severity"
    fetches = f"sum by (credential, outcome) (authvigil_token_fetches_total{{{M}}}) > 0"
    # What is good depends on who asked, and a verdict says it: these are no colors of good and bad.
    statuses = ranges(
        (100, 199, "#6e6e6e"), (200, 299, "#c7d9f7"), (300, 399, "semi-dark-purple"), (400, 400, "#b5651d"), (401, 401, "semi-dark-blue"),
        (402, 499, "#b5651d"), (500, 599, "#a3366b"),
    )  # fmt: skip
    panels = [
        stat(
            "Verdicts now", [now(verdict, "{{check}}")], (0, 0, 12, 5), text="value_and_name",
            defaults={"mappings": VERDICTS_NOW, "thresholds": steps("transparent")},
            description="The gravest class of each check's findings. A dash: no monitor has a verdict.",
        ),
        stat(
            "Certificate ends in", [now(f"min(authvigil_certificate_expiry_timestamp_seconds{{{here}}}) - time()")], (12, 0, 4, 5), mode="value",
            description="The first end in the chain. Red two days before, orange two weeks before. A dash: the endpoint has none.",
            defaults={"unit": "dtdurations", "decimals": 1, "thresholds": EXPIRY},
        ),
        stat(
            "Open incidents", [now(count(f"max by (check, class, severity) (authvigil_incident_open{{{E}}})", f"authvigil_endpoint_info{{{here}}}"))], (16, 0, 4, 5),
            description="Of the chosen checks, one for each check and class. A dash: no monitor watches this endpoint now.",
            defaults={"thresholds": steps("semi-dark-green", (1, "dark-red"))},
        ),
        stat(
            "Last probe", [now(f"1000 * max(authvigil_last_probe_timestamp_seconds{{{E}}})")], (20, 0, 4, 5), mode="none",
            description="When somebody last knocked.",
            defaults={"unit": "dateTimeFromNow"},
        ),
        timeline(
            "Verdicts", [target(verdict, "{{check}}")], (0, 5, 24, 6), VERDICTS,
            description="The gravest class of each check's findings. A gap is a time without a verdict.",
        ),
        table(
            "What is wrong", since(f"authvigil_check_failing{{{E}}}", findings), (0, 11, 12, 7),
            {"check": "check", "class": "class", "reason": "reason", "severity": "severity", "Value": "since"},
            description="Every finding of the last verdicts, confirmed or not. A reason leads to its runbook. What is older than a day is shown as of a day ago.",
            overrides=[CLASS_CELL, REASON_CELL, SEVERITY_CELL, override("since", unit="dateTimeFromNow", custom__width=140)],
            sortBy=GRAVEST_FIRST,
        ),
        timeline(
            "Challenges on offer", [target(f"max by (check, scheme) (authvigil_challenge_info{{{E}}})", "{{check}}: {{scheme}}")],
            (12, 11, 12, 7), words(on_offer=(1, "semi-dark-blue")), values="never",
            description="Schemes in WWW-Authenticate of each answer. The parameters, before and now, are on the status page.",
        ),
        timeline(
            "Status codes", [target(f"max by (check) (authvigil_http_status_code{{{E}}})", "{{check}}")],
            (0, 18, 24, 6), statuses, values="always",
            description="A healthy lock answers 401 to strangers and 2xx to its holder. A gap is a time without an answer.",
        ),
        lines(
            "Phases", [target(f"avg by (phase) ({seconds})", "{{phase}}")], (0, 24, 12, 8), unit="s", stack=True,
            description="The mean of the last probes of the chosen checks. A phase that was not reached is not shown.",
        ),
        lines(
            "Duration by check", [target(f"max by (check) (sum by (job, instance, check) ({seconds}))", "{{check}}")], (12, 24, 12, 8), unit="s",
            description="All phases of the last probe; of two monitors the slower.",
        ),
        lines(
            "Verdicts a minute", [target(f"60 * sum by (verdict) (rate(authvigil_probes_total{{{E}}}[$__rate_interval]))", "{{verdict}}")],
            (0, 32, 12, 8), stack=True, overrides=VERDICT_COLORS,
            description="Unknown is no usable answer, or no probe.",
        ),
        lines(
            "Bad verdicts by class",
            [target(f"round(sum by (class) (increase(authvigil_probe_failures_total{{{E}}}[$__rate_interval])))", "{{class}}")],
            (12, 32, 12, 8), interval="5m", stack=True, style="bars", overrides=colored(COLORS), defaults={"decimals": 0},
            description="In each span of five minutes or more. A verdict with findings of two classes counts for both.",
        ),
        row("Credentials, of all endpoints", 40),
        table(
            "Last accepted", f"sort(1000 * max by (credential) (authvigil_credential_last_accepted_timestamp_seconds{{{M}}}))", (0, 41, 12, 7),
            {"credential": "credential", "Value": "last accepted"},
            overrides=[override("last accepted", unit="dateTimeFromNow")],
            sortBy=[{"displayName": "last accepted", "desc": False}],
            description="When any endpoint last let the rightful holder in, the longest ago first.",
        ),
        table(
            "Expiry", f"sort(min by (credential) (authvigil_credential_expiry_timestamp_seconds{{{M}}})) - time()", (12, 41, 12, 7),
            {"credential": "credential", "Value": "ends in"},
            overrides=[override("ends in", unit="dtdurations", decimals=1, thresholds=EXPIRY, custom__cellOptions={"type": "color-text"})],
            sortBy=[{"displayName": "ends in", "desc": False}],
            description="Where it is known: tokens that say so, and client certificates. Red two days before the end, orange two weeks before.",
        ),
        lines(
            "Tokens and sessions that were fetched",
            [target(f"round(sum by (credential, outcome) (increase(authvigil_token_fetches_total{{{M}}}[$__rate_interval])))\nand {fetches}", "{{credential}} {{outcome}}")],
            (0, 48, 24, 7), interval="5m", style="bars", stack=True, defaults={"decimals": 0},
            description="In each span of five minutes or more, by what came of it: fetched, rejected by the provider, or why there was none; refused are those that were kept, and that an endpoint did not want any more. What never happened is left out.",
        ),
    ]  # fmt: skip
    chosen = [
        variable("endpoint", f"authvigil_endpoint_info{{{M}}}", "endpoint", single=True),
        variable("check", f'authvigil_probes_total{{{M}, endpoint="$endpoint"}}', "check"),
    ]
    return dashboard(
        "authvigil-endpoint", "authvigil: an endpoint", "One endpoint in depth: verdicts, challenges, phases, expiry.", panels,
        variables=[*VARIABLES[:3], *chosen, *VARIABLES[3:]],
        annotations=incidents(here, others=True, step="5m"),
        links=[link("Status page of this endpoint", "${status_page}/endpoints/${endpoint}")],
        start="now-6h",
    )  # fmt: skip


def health():
    def quantiles(metric, by=""):
        series = f"sum by (le{by}) (rate({metric}_bucket{{{M}}}[$__rate_interval]))"
        return [(q, f"histogram_quantile({q}, {series})") for q in (0.5, 0.95, 0.99)]

    def yes_no(title, expression, x, good_word, bad_word, description):
        return stat(
            title, [now(expression, title)], (x, 0, 4, 4), description=f"{description} Of several monitors the worst.",
            defaults={"mappings": words(**{good_word: (1, "semi-dark-green"), bad_word: (0, "dark-red")}), "thresholds": steps("dark-red", (1, "semi-dark-green"))},
        )  # fmt: skip

    built = f"max by (job, instance, version) (authvigil_build_info{{{M}}})"
    read = f"authvigil_config_last_reload_success_timestamp_seconds{{{M}}}"
    panels = [
        yes_no("Scraped", f"min(up{{{M}}})", 0, "yes", "no", "Whether Prometheus reaches every monitor."),
        yes_no("Configuration", f"min(authvigil_config_last_reload_successful{{{M}}})", 4, "in_force", "faults", "`authvigil validate` prints every fault; meanwhile the configuration before is in force."),
        yes_no("State file", f"min(authvigil_store_up{{{M}}})", 8, "written", "memory_only", "Whether incidents and notices outlive a restart."),
        yes_no("Network", f"1 - max(authvigil_monitor_isolated{{{M}}})", 12, "in_touch", "cut_off", "Most hosts fail at once: the fault may be the monitor's."),
        stat(
            "Oldest notice", [now(f"max(authvigil_outbox_oldest_age_seconds{{{M}}})")], (16, 0, 4, 4),
            description="How long somebody has waited to be told. An alert comes after five minutes.",
            defaults={"unit": "dtdurations", "decimals": 0, "thresholds": steps("semi-dark-green", (60, "semi-dark-orange"), (300, "dark-red"))},
        ),
        stat(
            "Last start", [now(f"1000 * max(process_start_time_seconds{{{M}}})")], (20, 0, 4, 4), mode="none",
            description="Of several monitors the one that started last.",
            defaults={"unit": "dateTimeFromNow"},
        ),
        row("Schedule", 4),
        lines(
            "How late probes start", [target(expression, f"p{q * 100:g}") for q, expression in quantiles("authvigil_schedule_lag_seconds")],
            (0, 5, 8, 8), unit="s",
            description="After the time that the schedule gave them. An alert comes where one of a hundred is five seconds late for ten minutes.",
        ),
        lines(
            "Probes in flight", [target(f"sum by (instance) (authvigil_probes_in_flight{{{M}}})", "{{instance}}")], (8, 5, 8, 8), defaults={"decimals": 0},
            description="Where it climbs and stays up, servers hang or the monitor does not keep up.",
        ),
        lines(
            "Turns skipped a minute", [target(f"60 * sum by (cause) (rate(authvigil_probes_skipped_total{{{M}}}[$__rate_interval]))", "{{cause}}")],
            (16, 5, 8, 8), description="`held_back` is for the sake of accounts; the others are this monitor's or a server's.",
        ),
        lines(
            "Probes a second", [target(f"sum by (verdict) (rate(authvigil_probes_total{{{M}}}[$__rate_interval]))", "{{verdict}}")],
            (0, 13, 12, 8), stack=True, overrides=VERDICT_COLORS,
            description="Verdicts, by what they were.",
        ),
        lines(
            "Duration of probes, 99th percentile", [target(quantiles("authvigil_probe_duration_seconds", ", verdict")[2][1], "{{verdict}}")],
            (12, 13, 12, 8), unit="s", overrides=VERDICT_COLORS,
            description="Of whole probes, with token and hops. Unknown ones last as long as their timeout.",
        ),
        row("Notices", 21),
        lines(
            "Owed", [target(f"sum by (receiver) (authvigil_outbox_pending{{{M}}})", "{{receiver}}")], (0, 22, 8, 8), defaults={"decimals": 0},
            description="Notices that are not delivered yet on every way.",
        ),
        lines(
            "Tries to deliver",
            [target(f"round(sum by (receiver, outcome) (increase(authvigil_notices_total{{{M}}}[$__rate_interval])))", "{{receiver}} {{outcome}}")],
            (8, 22, 8, 8), interval="5m", style="bars", stack=True, defaults={"decimals": 0},
            description="In each span of five minutes or more. What was retried is tried again, what was rejected is not.",
        ),
        stat(
            "Dead letters", [now(f"sum by (receiver) (authvigil_dead_letters{{{M}}})", "{{receiver}}")], (16, 22, 4, 8), text="value_and_name",
            description="Refused for good, as far back as they are kept; the status page has the words of the refusal.",
            defaults={"thresholds": steps("semi-dark-green", (1, "semi-dark-orange"))},
        ),
        stat("Silences", [now(f"sum(authvigil_silences_active{{{M}}})")], (20, 22, 4, 8), mode="none", description="Silences that hold now."),
        row("State", 30),
        lines(
            "Trouble with the state file",
            [
                target(f"round(sum(increase(authvigil_store_failures_total{{{M}}}[$__rate_interval])))", "writes that failed"),
                target(f"round(sum(increase(authvigil_changes_lost_total{{{M}}}[$__rate_interval])))", "changes lost"),
            ],
            (0, 31, 12, 7), interval="5m", style="bars", defaults={"decimals": 0},
            description="In each span of five minutes or more. What is lost here is kept in memory, and gone with a restart.",
        ),
        table(
            "Versions and configurations", f"1000 * max by (job, instance) ({read}) * on (job, instance) group_left (version) {built}",
            (12, 31, 12, 7), {"instance": "instance", "version": "version", "Value": "configuration read"},
            overrides=[override("configuration read", unit="dateTimeFromNow")], hide=("job",),
            description="A row for each monitor that answers, and when its configuration was last read without a fault.",
        ),
        row("Process", 38),
        lines(
            "Memory", [target(f"sum by (instance) (process_resident_memory_bytes{{{M}}})", "{{instance}}")], (0, 39, 6, 7), unit="bytes",
            description="Resident memory.",
        ),
        lines(
            "Processor", [target(f"sum by (instance) (rate(process_cpu_seconds_total{{{M}}}[$__rate_interval]))", "{{instance}}")], (6, 39, 6, 7), unit="percentunit",
            description="Of one core.",
        ),
        lines(
            "File descriptors",
            [target(f"sum by (instance) (process_open_fds{{{M}}}) / sum by (instance) (process_max_fds{{{M}}})", "{{instance}}")],
            (12, 39, 6, 7), unit="percentunit",
            description="Of those that the process may open, the share that is in use.",
        ),
        lines(
            "Threads", [target(f"sum by (instance) (process_threads{{{M}}})", "{{instance}}")], (18, 39, 6, 7), defaults={"decimals": 0},
            description="Threads of the process.",
        ),
    ]  # fmt: skip
    starts = f"1000 * process_start_time_seconds{{{M}}}"
    faults = f"min_over_time(authvigil_config_last_reload_successful{{{M}}}[$__rate_interval]) == bool 0"
    return dashboard(
        "authvigil-health", "authvigil: the monitor itself", "Whether the monitor can be trusted: its schedule, notices, state and process.", panels,
        annotations=[annotation("Starts", starts, "blue", "started: {{instance}}", useValueForTime=True), annotation("Faulty configuration", faults, "orange", "faulty configuration: {{instance}}", step="5m")],
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
