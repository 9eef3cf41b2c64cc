// Type-checks dashboards (classic JSON, v1) against @grafana/schema: node typecheck.js FILE...
//
// Each dashboard becomes a TypeScript file that states of every piece which type it has to be of, and
// tsc says what is not. Unknown keys, wrong enums and wrong types are found. Grafana's own types have
// enums where JSON has strings, hence `Literal`.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const here = import.meta.dirname;
const types = "./node_modules/@grafana/schema/dist/types/raw";
const checked = path.join(here, "checked.ts");

// Where the schema has the options of a type of panel.
const PANELS = {
  bargauge: "bargauge",
  stat: "stat",
  "state-timeline": "statetimeline",
  table: "table",
  timeseries: "timeseries",
};

const HEAD = `
import type * as raw from '${types}/dashboard/x/types.gen';
type Literal<T> = T extends string ? \`\${T}\`
  : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : number)
  : T extends boolean | null | undefined ? T
  : T extends (infer U)[] ? Literal<U>[]
  : T extends object ? { [K in keyof T]: Literal<T[K]> } : T;
// What a data source for Prometheus adds; its types are not in the schema.
type Query = { refId: string, expr: string, legendFormat?: string, format?: 'table' | 'time_series',
  instant?: boolean, range?: boolean, datasource: { type: string, uid: string } };
type Note = Literal<raw.AnnotationQuery> & { expr: string, titleFormat: string, textFormat: string, step: string,
  useValueForTime?: boolean };
type Board = Omit<Literal<raw.Dashboard>, 'panels' | 'annotations'>
  & { uid: string, panels?: undefined, annotations: { list: Note[] } };
type Field = { defaults: Literal<Omit<raw.FieldConfig, 'custom'>> & { custom?: object }, overrides: Literal<raw.FieldConfigSource['overrides']> };
type Panel = Literal<Omit<raw.Panel, 'options' | 'targets' | 'fieldConfig'>>
  & { options: object, targets: Query[], fieldConfig: Field };
type Row = Literal<raw.RowPanel>;
`;

function statements(dashboard) {
  const lines = [];
  const state = (what, type, value) =>
    lines.push(`// ${what}`, `export const it${lines.length}: ${type} = ${JSON.stringify(value)};`);
  state("dashboard", "Board", { ...dashboard, panels: undefined });
  for (const panel of dashboard.panels) {
    const what = `${panel.type} "${panel.title}"`;
    if (panel.type === "row") {
      state(what, "Row", panel);
      continue;
    }
    const name = PANELS[panel.type];
    if (!name) throw new Error(`no schema is known for ${what}`);
    state(what, "Panel", panel);
    state(`${what}: options`, `Literal<Partial<${name}.Options>>`, panel.options);
    const custom = panel.fieldConfig.defaults.custom;
    if (custom) state(`${what}: custom`, `Literal<Partial<${name}.FieldConfig>>`, custom);
  }
  return lines;
}

function text(dashboard) {
  const imports = Object.values(PANELS).map(
    (name) => `import type * as ${name} from '${types}/composable/${name}/panelcfg/x/types.gen';`,
  );
  return [...imports, HEAD, ...statements(dashboard)].join("\n");
}

// What tsc finds wrong, each with the piece that it is wrong about.
function faults(source) {
  fs.writeFileSync(checked, source);
  const options = "--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler";
  try {
    execFileSync(path.join(here, "node_modules/.bin/tsc"), [...options.split(" "), checked], {
      cwd: here,
      encoding: "utf8",
    });
    return [];
  } catch (error) {
    const lines = source.split("\n");
    const found = [...error.stdout.matchAll(/\((\d+),\d+\): error (.*)/g)];
    return found.map(([, line, what]) => `${lines[line - 2]}: ${what}`);
  } finally {
    fs.rmSync(checked, { force: true });
  }
}

let failed = false;
for (const file of process.argv.slice(2)) {
  const found = faults(text(JSON.parse(fs.readFileSync(file, "utf8"))));
  console.log(`${path.basename(file)}: ${found.length ? "" : "as the schema wants it"}`);
  for (const fault of found) console.log(`  ${fault}`);
  failed ||= found.length > 0;
}
process.exitCode = failed ? 1 : 0;
