// Prints what an Arrow file or stream holds, as JSON:
//
//   node read.js FILE [COLUMN...]
//   {"rows":2,"batches":1,"columns":["stream",...],"metadata":{},"values":{"t_us":[10000,20000]}}
//
// Integers beyond 2^53 are printed as strings.
import { readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";

const [file, ...names] = process.argv.slice(2);
const table = tableFromIPC(readFileSync(file));

const plain = (v) => (typeof v !== "bigint" ? v : Number.isSafeInteger(Number(v)) ? Number(v) : String(v));
const values = {};
for (const name of names) {
  const column = table.getChild(name);
  if (column === null) throw new Error(`${file}: no column ${name}`);
  values[name] = Array.from(column, plain);
}
console.log(JSON.stringify({
  rows: table.numRows,
  batches: table.batches.length,
  columns: table.schema.fields.map((f) => f.name),
  metadata: Object.fromEntries(table.schema.metadata),
  values,
}));
