/** Tells an entity that may change from one that is only to be looked at; in types alone. */
export declare const access: unique symbol;
