import type { EventStore, StoreCapabilities } from "../../storage/index.ts";
import { appendCases } from "./append-cases.ts";
import { applicationTransactionCases } from "./application-transaction-cases.ts";
import type { ContractCapabilities } from "./backend.ts";
import { batchCases } from "./batch-cases.ts";
import { commitCases } from "./commit-cases.ts";
import { decisionCases } from "./decision-cases.ts";
import { entityListCases } from "./entity-list-cases.ts";
import { eraseCases } from "./erase-cases.ts";
import { idCases } from "./id-cases.ts";
import { idempotencyCases } from "./idempotency-cases.ts";
import { importCases } from "./import-cases.ts";
import { importErasedCases } from "./import-erased-cases.ts";
import { lifecycleCases } from "./lifecycle-cases.ts";
import { loadCases } from "./load-cases.ts";
import { migrationCases } from "./migration-cases.ts";
import { policyCases } from "./policy-cases.ts";
import { readCases } from "./read-cases.ts";
import { recordedCases } from "./recorded-cases.ts";
import { reopenCases } from "./reopen-cases.ts";
import { repositoryCases } from "./repository-cases.ts";
import { snapshotCases } from "./snapshot-cases.ts";
import { subscribeCases } from "./subscribe-cases.ts";
import type { Suite } from "./suite.ts";
import { transactionCases } from "./transaction-cases.ts";
import { valueCases } from "./value-cases.ts";

/** Everything that a store must do. */
export function storeCases(
  suite: Suite<EventStore>,
  can: StoreCapabilities,
  able: Required<ContractCapabilities>,
): void {
  decisionCases(suite);
  appendCases(suite);
  batchCases(suite, can);
  idempotencyCases(suite);
  valueCases(suite, can);
  idCases(suite, can);
  loadCases(suite);
  recordedCases(suite);
  readCases(suite, can);
  entityListCases(suite, can);
  snapshotCases(suite);
  transactionCases(suite);
  applicationTransactionCases(suite, able);
  repositoryCases(suite, can);
  commitCases(suite, can);
  policyCases(suite, can);
  eraseCases(suite, can);
  importCases(suite, can);
  importErasedCases(suite, can);
  subscribeCases(suite, can);
  lifecycleCases(suite, able);
  migrationCases(suite, able);
  reopenCases(suite, able);
}
