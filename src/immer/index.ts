export { type DraftEntityParts, defineEntity } from "./define-entity.ts";
export { type DraftReducer, type DraftReducerHandlers, defineReducer } from "./define-reducer.ts";
