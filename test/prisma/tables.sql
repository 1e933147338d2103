CREATE TABLE "Event" (
  "eventId" TEXT NOT NULL PRIMARY KEY,
  "eventName" TEXT NOT NULL,
  "entityName" TEXT NOT NULL,
  "entityId" TEXT NOT NULL,
  "version" INTEGER,
  "eventCreatedAt" DATETIME NOT NULL,
  "body" JSONB NOT NULL,
  "metadata" JSONB
);
CREATE UNIQUE INDEX "Event_entityName_entityId_version_key" ON "Event"("entityName", "entityId", "version");
CREATE TABLE "Snapshot" (
  "entityName" TEXT NOT NULL,
  "entityId" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "state" JSONB NOT NULL,
  PRIMARY KEY ("entityName", "entityId")
);
CREATE TABLE "PostView" (
  "entityName" TEXT NOT NULL,
  "entityId" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "title" TEXT NOT NULL,
  "status" TEXT NOT NULL,
  "slug" TEXT,
  PRIMARY KEY ("entityName", "entityId")
);
CREATE UNIQUE INDEX "PostView_slug_key" ON "PostView"("slug");
CREATE TABLE "OldEvent" (
  "eventId" TEXT NOT NULL PRIMARY KEY,
  "eventName" TEXT NOT NULL,
  "entityName" TEXT NOT NULL,
  "entityId" TEXT NOT NULL,
  "version" INTEGER,
  "eventCreatedAt" DATETIME NOT NULL,
  "body" JSONB NOT NULL
);
CREATE UNIQUE INDEX "OldEvent_entityName_entityId_version_key" ON "OldEvent"("entityName", "entityId", "version");
CREATE TABLE "OldSnapshot" (
  "entityId" TEXT NOT NULL PRIMARY KEY,
  "entityName" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "state" JSONB NOT NULL
);
CREATE TABLE "OldView" (
  "entityId" TEXT NOT NULL PRIMARY KEY,
  "entityName" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "text" TEXT NOT NULL
);
CREATE TABLE "UnguardedEvent" (
  "eventId" TEXT NOT NULL PRIMARY KEY,
  "eventName" TEXT NOT NULL,
  "entityName" TEXT NOT NULL,
  "entityId" TEXT NOT NULL,
  "version" INTEGER,
  "eventCreatedAt" DATETIME NOT NULL,
  "body" JSONB NOT NULL
);
