import process from 'node:process';
import { cleanAfterDemo } from './cleaner.js';

const [, , dataDir] = process.argv;
if (dataDir !== undefined) {
  process.stdin.resume();
  process.stdin.on('end', () => void cleanAfterDemo(dataDir));
}
