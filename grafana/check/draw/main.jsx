// A dashboard of classic JSON, drawn with Grafana's own panels over a Prometheus.
//
// /?dashboard=overview&prometheus=http://127.0.0.1:9090&minutes=30&endpoint=orders&theme=dark
//
// State timelines are no part of @grafana/ui: they are drawn here as plain bars, with Grafana's own
// words and colors for each value.

import {
  createTheme, dateTime, FieldColorModeId, FieldType, getDisplayProcessor, getFieldDisplayValues,
  ThemeContext,
} from "@grafana/data";
import { initPluginTranslations } from "@grafana/i18n";
import { BarGauge, BigValue, GlobalStyles, PanelChrome, Table, TimeSeries, VizRepeater } from "@grafana/ui";
import React, { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

import { filled, frames, span, stepOf } from "./prometheus.js";

const words = new URLSearchParams(location.search);
const theme = createTheme({ colors: { mode: words.get("theme") ?? "dark" } });
const WIDTH = 1400;
const ROW = 38;

// Sets `custom.width` and the like.
function set(target, id, value) {
  const keys = id.split(".");
  const last = keys.pop();
  const place = keys.reduce((at, key) => (at[key] = { ...at[key] }), target);
  place[last] = value;
}

// The transformation `organize`, and the order of a table's rows.
function organize(frame, panel) {
  for (const { options } of panel.transformations ?? []) {
    const place = (field) => options.indexByName?.[field.name] ?? 99;
    frame.fields = frame.fields.filter((field) => !options.excludeByName?.[field.name]);
    frame.fields.sort((a, b) => place(a) - place(b));
    for (const field of frame.fields) field.name = options.renameByName?.[field.name] ?? field.name;
  }
  for (const { displayName, desc } of [...(panel.options.sortBy ?? [])].reverse()) {
    const by = frame.fields.find((field) => field.name === displayName);
    if (!by) continue;
    const compare = (a, b) => (by.values[a] < by.values[b] ? -1 : Number(by.values[a] > by.values[b]));
    const order = [...by.values.keys()].sort((a, b) => compare(a, b) * (desc ? -1 : 1));
    for (const field of frame.fields) field.values = order.map((at) => field.values[at]);
  }
}

// Defaults and overrides, as Grafana applies them before a panel sees its fields.
function configure(frame, panel, index) {
  const { defaults, overrides } = panel.fieldConfig;
  const mode = panel.type === "timeseries" ? FieldColorModeId.PaletteClassic : FieldColorModeId.Thresholds;
  for (const field of frame.fields) {
    const own = field.type === FieldType.time ? {} : { color: { mode }, ...defaults };
    field.config = { ...own, ...field.config, custom: { ...defaults.custom } };
    for (const { matcher, properties } of overrides) {
      if (matcher.options !== (field.config.displayNameFromDS ?? field.name)) continue;
      for (const { id, value } of properties) set(field.config, id, value);
    }
    field.state = { seriesIndex: index };
    field.display = getDisplayProcessor({ field, theme, timeZone: "utc" });
  }
}

// JSON has no infinity: the base step of thresholds is `null` there.
function withBase(panel) {
  for (const step of panel.fieldConfig?.defaults.thresholds?.steps ?? []) step.value ??= -Infinity;
  return panel;
}

async function load(panel) {
  const found = await frames(panel);
  found.forEach((frame, index) => {
    if (panel.type === "table") organize(frame, panel);
    configure(frame, panel, index);
  });
  return found;
}

function Timeline({ found, panel, width, height }) {
  const left = 170;
  const tall = Math.min(34, (height - 20) / Math.max(1, found.length));
  const x = (at) => left + ((at - span.from) / (span.to - span.from)) * (width - left - 6);
  const step = stepOf(panel) * 1000;
  const worded = panel.options.showValue !== "never";
  const bars = (frame, row) => {
    const [times, field] = [frame.fields[0].values, frame.fields[1]];
    const made = [];
    for (let start = 0, at = 1; at <= times.length; at++) {
      const gap = at < times.length && times[at] - times[at - 1] > step * 1.5;
      if (at < times.length && !gap && field.values[at] === field.values[start]) continue;
      const shown = field.display(field.values[start]);
      const [begin, end] = [x(times[start]), x(at < times.length && !gap ? times[at] : times[at - 1] + step)];
      made.push(
        <g key={at}>
          <rect x={begin} y={row * tall + 3} width={Math.max(1, end - begin)} height={tall - 6} fill={shown.color} />
          {worded && end - begin > 8 * shown.text.length && tall > 14 && <text x={begin + 4} y={row * tall + tall / 2 + 4}>{shown.text}</text>}
        </g>,
      );
      start = at;
    }
    return made;
  };
  return (
    <svg width={width} height={height} style={{ fontSize: 11 }}>
      {found.map((frame, row) => (
        <g key={row}>
          <text x={left - 6} y={row * tall + tall / 2 + 4} textAnchor="end" fill="currentColor">
            {frame.fields[1].config.displayNameFromDS}
          </text>
          {bars(frame, row)}
        </g>
      ))}
    </svg>
  );
}

function Repeated({ found, panel, width, height, draw }) {
  const values = () =>
    getFieldDisplayValues({
      data: found, fieldConfig: panel.fieldConfig, reduceOptions: panel.options.reduceOptions,
      replaceVariables: (text) => filled(text, panel), theme, timeZone: "utc", sparkline: false,
    });
  return (
    <VizRepeater
      getValues={values} width={width} height={height} orientation={panel.options.orientation}
      renderValue={draw} source={found} renderCounter={0}
    />
  );
}

function stat({ textMode, colorMode, graphMode }) {
  return ({ value, width, height }) => (
    <BigValue
      value={value.display} width={width} height={height} theme={theme}
      textMode={textMode} colorMode={colorMode} graphMode={graphMode}
    />
  );
}

function bar({ displayMode, orientation }) {
  return ({ value, width, height }) => (
    <BarGauge
      value={value.display} field={value.field} display={value.view?.getFieldDisplayProcessor?.(value.colIndex)}
      width={width} height={height} theme={theme} orientation={orientation} displayMode={displayMode}
    />
  );
}

function Panel({ panel, width, height }) {
  const [found, setFound] = useState();
  const [error, setError] = useState();
  useEffect(() => void load(panel).then(setFound, (it) => setError(String(it))), []);
  if (error) return <div style={{ color: "red" }}>{error}</div>;
  if (!found) return null;
  if (!found.length && panel.type !== "stat") return <div style={{ padding: 20 }}>{panel.fieldConfig?.defaults.noValue ?? "No data"}</div>;
  const common = { found, panel, width, height };
  switch (panel.type) {
    case "timeseries": {
      const [from, to] = [dateTime(span.from), dateTime(span.to)];
      const range = { from, to, raw: { from, to } };
      return (
        <TimeSeries
          frames={found} timeRange={range} timeZone="utc" width={width} height={height}
          legend={panel.options.legend} options={panel.options}
        />
      );
    }
    case "state-timeline":
      return <Timeline {...common} />;
    case "stat":
      return <Repeated {...common} draw={stat(panel.options)} />;
    case "bargauge":
      return <Repeated {...common} draw={bar(panel.options)} />;
    case "table":
      return <Table data={found[0]} width={width} height={height} />;
    default:
      return <div>not drawn: {panel.type}</div>;
  }
}

function Place({ panel }) {
  const { x, y, w, h } = panel.gridPos;
  const column = WIDTH / 24;
  const place = { position: "absolute", left: x * column + 4, top: y * ROW + 4 };
  if (panel.type === "row") return <h4 style={{ ...place, margin: 8 }}>{panel.title}</h4>;
  return (
    <div style={place}>
      <PanelChrome title={panel.title} description={panel.description} width={w * column - 8} height={h * ROW - 8}>
        {(width, height) => <Panel panel={panel} width={width} height={height} />}
      </PanelChrome>
    </div>
  );
}

await initPluginTranslations("draw", []);
const dashboard = await (await fetch(`/${words.get("dashboard") ?? "overview"}.json`)).json();
createRoot(document.getElementById("root")).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles isExtensionSidebarOpen={false} hackNoBackdropBlur={false} />
    <div style={{ position: "relative", width: WIDTH }}>
      {dashboard.panels.map(withBase).map((panel) => <Place key={panel.id} panel={panel} />)}
    </div>
  </ThemeContext.Provider>,
);
