import { createPool } from "mysql2/promise";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import {
  createMysqlDatabase,
  createPostgresDatabase,
  type OwnServer,
  startMysql,
  startPostgres,
} from "../support/servers.ts";
import { tempFile } from "../support/temp-database.ts";
import { type FaultsReport, runFaults } from "./run-faults.ts";

const load = { writers: 4, readers: 2, seconds: 10, seed: 1 };
const hard = { ...load, readers: 4, seconds: 20, slow: 0.05 };

test("SQLite: killed writers lose nothing that was acknowledged, and readers see all of it once and in order", async () => {
  const report = await runFaults({ ...load, kind: "sqlite", place: tempFile() });
  expect(report.violations).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.killed).toBeGreaterThan(2);
});

/** What a run with all of it came to, on a server where positions are drawn before they can be seen. */
function expectNothingSkipped(report: FaultsReport) {
  expect(report.violations).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.killed).toBeGreaterThan(2);
  // Readers had to find out which of the positions that they could not see are still to come.
  expect(report.burned).toBeGreaterThan(10);
}

test("PostgreSQL: 16 writers, of whom some are slow, abort, or are killed with their connections: every tailer sees every event once and in order, and skips nothing", async () => {
  const { url, drop } = await createPostgresDatabase();
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  onTestFinished(async () => {
    await admin.end();
    await drop();
  });
  const disturb = async () => {
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1",
    );
  };
  expectNothingSkipped(await runFaults({ ...hard, kind: "postgres", place: url, disturb }));
});

test("MariaDB: every tailer of 16 such writers sees every event once and in order there, too", async () => {
  const { url, drop } = await createMysqlDatabase();
  const admin = createPool({ uri: url, connectionLimit: 1 });
  onTestFinished(async () => {
    await admin.end();
    await drop();
  });
  const disturb = async () => {
    const others =
      "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() ORDER BY rand() LIMIT 1";
    const [rows] = await admin.query(others);
    // It may be gone by itself meanwhile.
    for (const { id } of rows as { id: number }[]) await admin.query(`KILL CONNECTION ${id}`).catch(() => {});
  };
  expectNothingSkipped(await runFaults({ ...hard, kind: "mysql", place: url, disturb }));
});

/** Servers of our own go down at once, without a word to anybody, and come back. */
async function runOnOwnServer(kind: "postgres" | "mysql", server: OwnServer, place: string, signal: NodeJS.Signals) {
  let goneDown = 0;
  const disturb = async () => {
    await server.stop(signal);
    await server.start();
    goneDown++;
  };
  const report = await runFaults({ ...load, writers: 2, kind, place, disturb });
  expect(report.violations).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(50);
  expect(goneDown).toBeGreaterThan(1);
}

test("PostgreSQL: so does a server that goes down in the midst of it, and comes back", {
  timeout: 120_000,
}, async () => {
  const server = await startPostgres();
  onTestFinished(() => server.remove());
  await runOnOwnServer("postgres", server, server.url, "SIGQUIT");
});

test("MariaDB: so does it there", { timeout: 120_000 }, async () => {
  const server = await startMysql();
  onTestFinished(() => server.remove());
  const url = new URL(server.url);
  url.pathname = "/faults";
  const admin = createPool({ uri: server.url, connectionLimit: 1 });
  await admin.query("CREATE DATABASE faults");
  await admin.end();
  await runOnOwnServer("mysql", server, url.href, "SIGKILL");
});
