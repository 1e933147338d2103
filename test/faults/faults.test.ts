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
import { runFaults } from "./run-faults.ts";

const load = { writers: 4, readers: 2, seconds: 10, seed: 1 };

test("SQLite: killed writers lose nothing that was acknowledged, and readers see all of it once and in order", async () => {
  const report = await runFaults({ ...load, kind: "sqlite", place: tempFile() });
  expect(report.violations).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.killed).toBeGreaterThan(2);
});

test("PostgreSQL: so do killed writers, ended connections and aborted transactions there", async () => {
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
  const report = await runFaults({ ...load, kind: "postgres", place: url, disturb });
  expect(report.violations).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.killed).toBeGreaterThan(2);
});

test("MariaDB: so do they there", async () => {
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
  const report = await runFaults({ ...load, kind: "mysql", place: url, disturb });
  expect(report.violations).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.killed).toBeGreaterThan(2);
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
