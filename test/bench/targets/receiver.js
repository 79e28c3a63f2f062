import { createServer } from 'node:http';
import process from 'node:process';

// Takes notifications, which are part of what a choice costs.
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(204).end());
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send('ready'));
