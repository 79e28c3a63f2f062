import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, URL } from 'node:url';
import { undoLater } from './undo.js';

const HOST = '127.0.0.1';

async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function pathOf(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Stops a child process as an operator would and waits until it has ended. */
function stopLater(child) {
  undoLater(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
}

/** The server as it is shipped, in a process of its own, its log in a file. */
export async function startAkkoord(home, nodeOptions, settings) {
  const port = await freePort();
  const log = join(home, `server-${port}.log`);
  const env = { PATH: process.env.PATH, ...settings, PORT: String(port) };
  const stdio = ['ignore', 'ignore', openSync(log, 'w')];
  const child = spawn(process.execPath, [...nodeOptions, pathOf('../../dist/main.js')], { env, stdio });
  stopLater(child);
  while (!readFileSync(log, 'utf8').includes('"message":"ready"')) {
    if (child.exitCode !== null) throw new Error(`the server did not start: ${readFileSync(log, 'utf8')}`);
    await sleep(50);
  }
  return { pid: child.pid, address: { host: HOST, port } };
}

/** A program of this folder that listens on the port it is given and says when it does. */
export async function startTarget(name, settings = {}) {
  const port = await freePort();
  const env = { PATH: process.env.PATH, ...settings, PORT: String(port) };
  const child = fork(pathOf(`targets/${name}.js`), [String(port)], { execArgv: [], env });
  stopLater(child);
  await once(child, 'message');
  return { pid: child.pid, address: { host: HOST, port } };
}

/** Another process makes the load; it answers each order with what it measured. */
export function startGenerator(material) {
  const child = fork(pathOf('load/generator.js'), [], { execArgv: [] });
  stopLater(child);
  child.send({ material });
  return async (order) => {
    child.send({ order });
    const [{ result, failure }] = await once(child, 'message');
    if (failure !== undefined) throw new Error(failure);
    return result;
  };
}
