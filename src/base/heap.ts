/** How much memory JavaScript objects may take in this process: what Node was started with, or chose by the machine. */
import { getHeapStatistics } from 'node:v8';

export const heapBytesMax: number = getHeapStatistics().heap_size_limit;
