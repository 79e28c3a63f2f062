import process from 'node:process';
import express from 'express';

// The yardstick: the least that Express can do with a JSON body.
const app = express();
app.post('/', express.json({ type: () => true }), (request, response) => {
  response.json(request.body);
});
app.listen(Number(process.argv[2]), '127.0.0.1', () => process.send('ready'));
