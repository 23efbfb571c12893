/** Neo4j's driver for JavaScript, version 5: classes of its own, of the same shapes. */
import type neo4jDriver from 'neo4j-driver';
import neo4j from 'neo4j-driver-5';
import { driverScenarios } from './driver-scenarios.ts';

driverScenarios('neo4j-driver 5', neo4j as unknown as typeof neo4jDriver);
