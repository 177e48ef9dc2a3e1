// Decode jobs with compiled typescript-fetch code: `probe.cjs FOLDER CASES`. A job is decoded right if
// the result is the one of its own variant and of no other.
const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");
const { isDeepStrictEqual } = require("node:util");

const [folder, cases] = process.argv.slice(2);
const client = require(resolve(folder));
const { root, variants, valid, out_of_range } = JSON.parse(readFileSync(cases, "utf8"));

function decode(name, body) {
  try {
    return client[`${name}FromJSON`](JSON.parse(body));
  } catch {
    return undefined;
  }
}

const right = valid.filter(([variant, body]) => {
  const job = decode(root, body);
  const same = variants.filter((name) => isDeepStrictEqual(decode(name, body), job));
  return job !== undefined && same.length === 1 && same[0] === variant;
}).length;
const refused = out_of_range.filter((body) => decode(root, body) === undefined).length;
console.log(JSON.stringify({ right, refused }));
