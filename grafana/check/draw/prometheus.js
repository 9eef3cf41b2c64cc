// Queries with the variables of a dashboard filled in, and what Prometheus answers as data frames.

import { FieldType, toDataFrame } from "@grafana/data";

const words = new URLSearchParams(location.search);
const base = words.get("prometheus") ?? "http://127.0.0.1:9090";
const minutes = Number(words.get("minutes") ?? 30);
const to = Math.floor(Date.now() / 1000);
const from = to - minutes * 60;

export const span = { from: from * 1000, to: to * 1000 };

// What All stands for: whatever the list of a variable holds, as Grafana does where nothing else is said.
async function all(label) {
  const range = { "match[]": "authvigil_build_info", start: from, end: to };
  const answer = await fetch(`${base}/api/v1/label/${label}/values?${new URLSearchParams(range)}`);
  const { data } = await answer.json();
  return `(${data.map((value) => value.replace(/[.+*?^$(){}|[\]\\]/g, "\\\\$&")).join("|")})`;
}

const chosen = {
  job: await all("job"),
  instance: await all("instance"),
  check: ".*",
  endpoint: words.get("endpoint") ?? ".*",
  __range: `${minutes}m`,
};

// The distance of two points: what the span allows, and what the panel wants at least.
export function stepOf(panel) {
  const least = { "1m": 60, "5m": 300 }[panel.interval] ?? 2;
  return Math.max(least, Math.ceil((minutes * 60) / 300));
}

export function filled(text, panel) {
  const step = stepOf(panel);
  // For a data source with the usual scrape interval, 15 seconds.
  const values = { ...chosen, __interval: `${step}s`, __rate_interval: `${Math.max(step + 15, 60)}s` };
  return (text ?? "").replace(/\$\{(\w+)\}|\$(\w+)/g, (all, a, b) => values[a ?? b] ?? all);
}

function legend(target, labels) {
  const format = target.legendFormat;
  if (!format || format === "__auto") {
    return Object.entries(labels).map((pair) => pair.join("=")).join(", ");
  }
  return format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? "");
}

async function ask(target, panel) {
  const query = filled(target.expr, panel);
  const [path, parameters] = target.instant
    ? ["query", { query, time: to }]
    : ["query_range", { query, start: from, end: to, step: stepOf(panel) }];
  const answer = await fetch(`${base}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const document = await answer.json();
  if (document.status !== "success") throw new Error(`${document.error}: ${query}`);
  return document.data.result;
}

function asTable(rows) {
  const labels = [...new Set(rows.flatMap((row) => Object.keys(row.metric)))];
  const column = (name, type, values) => ({ name, type, values, config: {} });
  return toDataFrame({
    fields: [
      ...labels.map((label) => column(label, FieldType.string, rows.map((row) => row.metric[label] ?? ""))),
      column("Value", FieldType.number, rows.map((row) => Number(row.value[1]))),
    ],
  });
}

function asSeries(row, target, step) {
  const points = row.values ?? [row.value];
  const name = legend(target, row.metric);
  return toDataFrame({
    name,
    fields: [
      // By the distance of two points Grafana knows a gap.
      { name: "Time", type: FieldType.time, values: points.map(([at]) => at * 1000), config: { interval: step * 1000 } },
      {
        name: "Value",
        type: FieldType.number,
        labels: row.metric,
        // A quantile of nothing is no number; Grafana leaves such points out.
        values: points.map(([, value]) => (Number.isFinite(Number(value)) ? Number(value) : null)),
        config: { displayNameFromDS: name },
      },
    ],
  });
}

// The frames of a panel.
export async function frames(panel) {
  const answers = await Promise.all(panel.targets.map((target) => ask(target, panel)));
  return answers.flatMap((rows, at) => {
    const target = panel.targets[at];
    if (target.format === "table") return rows.length ? [asTable(rows)] : [];
    return rows.map((row) => asSeries(row, target, stepOf(panel)));
  });
}
