/** Where an entity's name stands in a row that only says: this position was given to nobody. No entity can have it. */
export const tombstone = "";
