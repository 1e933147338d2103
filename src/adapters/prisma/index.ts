export { prismaAdapter } from "./prisma-adapter.ts";
export type { VentydAdapterOptions } from "./types.ts";
