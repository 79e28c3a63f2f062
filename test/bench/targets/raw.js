import { Buffer } from 'node:buffer';
import { createServer } from 'node:http';
import process from 'node:process';

// The most that HTTP can do here: the body sent back as it came, by Node alone.
const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send('ready'));
