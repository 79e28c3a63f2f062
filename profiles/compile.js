// Compiles the FSH in `fsh/` to `built/` and takes the R4 definitions we use to `r4/`, both without a network.
// `--check` writes nothing and exits 1 when the committed files differ.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import console from 'node:console';
import process, { env } from 'node:process';
import { R4_DEFINITIONS } from './r4-definitions.js';
import { strip } from './strip.js';

const here = import.meta.dirname;
const packages = join(here, '../node_modules');
const sushi = join(packages, 'fsh-sushi/dist/app.js');
const definitions = join(packages, 'hl7.fhir.r4.examples');
const checking = process.argv.includes('--check');

const r4 = new Map(R4_DEFINITIONS.map((name) => [name, readResource(join(definitions, name))]));
const differing = [...publish('built', compileFsh(), 2), ...publish('r4', r4, 0)];
for (const name of differing) console.log(checking ? `${name} is not what its source says` : `${name} written`);
process.exitCode = checking && differing.length > 0 ? 1 : 0;

/** File name to resource of everything SUSHI makes of our FSH, snapshots included. */
function compileFsh() {
  const home = mkdtempSync(join(tmpdir(), 'akkoord-profiles-'));
  try {
    fillPackageCache(join(home, '.fhir/packages/hl7.fhir.r4.core#4.0.1/package'));
    const project = join(home, 'project');
    cpSync(join(here, 'fsh'), join(project, 'input/fsh'), { recursive: true });
    cpSync(join(here, 'fsh/sushi-config.yaml'), join(project, 'sushi-config.yaml'));
    runSushi(home, project);
    const output = join(project, 'fsh-generated/resources');
    return new Map(jsonFiles(output).map((name) => [name, readResource(join(output, name))]));
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** SUSHI looks for R4 in a package cache. HL7's examples package carries the definitions as well. */
function fillPackageCache(folder) {
  mkdirSync(folder, { recursive: true });
  const about = { name: 'hl7.fhir.r4.core', version: '4.0.1', fhirVersions: ['4.0.1'] };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(about));
  for (const name of readdirSync(definitions).filter((name) => name.startsWith('StructureDefinition-'))) {
    cpSync(join(definitions, name), join(folder, name));
  }
}

/** Neither SUSHI nor the npm it asks for a newer version may reach a registry. Warnings about that are expected. */
function runSushi(home, project) {
  const nobody = 'http://127.0.0.1:9';
  const offline = { FPL_REGISTRY: nobody, npm_config_registry: nobody, npm_config_offline: 'true' };
  const surroundings = { ...env, ...offline, HOME: home, USERPROFILE: home };
  const options = { env: surroundings, encoding: 'utf8' };
  const run = spawnSync(process.execPath, [sushi, 'build', project, '--snapshot'], options);
  const output = `${run.stdout}${run.stderr}`;
  if (run.status !== 0 || /^error /m.test(output)) throw new Error(`SUSHI could not compile the profiles.\n${output}`);
}

/** Makes a folder hold exactly these resources and gives the names of the files that differed. */
function publish(folder, resources, indent) {
  const target = join(here, folder);
  mkdirSync(target, { recursive: true });
  const texts = new Map(
    [...resources].map(([name, resource]) => [name, `${JSON.stringify(strip(resource), null, indent)}\n`]),
  );
  const stale = jsonFiles(target).filter((name) => !texts.has(name));
  const changed = [...texts.keys()].filter((name) => readText(join(target, name)) !== texts.get(name));
  if (!checking) {
    for (const name of stale) rmSync(join(target, name));
    for (const name of changed) writeFileSync(join(target, name), texts.get(name));
  }
  return [...stale, ...changed].map((name) => `profiles/${folder}/${name}`);
}

function jsonFiles(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
}

function readResource(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
