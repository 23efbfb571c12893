/** Neo4j's driver for JavaScript, version 6. */
import neo4j from 'neo4j-driver';
import { driverScenarios } from './driver-scenarios.ts';

driverScenarios('neo4j-driver 6', neo4j);
