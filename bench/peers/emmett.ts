import { evolveOrder, type OrderState, type PeerEvent } from "./peer.ts";

/** An event in Emmett's form, the same on both of its stores. */
export interface EmmettEvent {
  type: string;
  data: PeerEvent["body"];
  metadata: Record<string, string>;
}

export const toEmmett = ({ name, body, metadata }: PeerEvent): EmmettEvent => ({ type: name, data: body, metadata });

export const emmettState = {
  initialState: (): OrderState => ({ customer: "", total: 0, amendments: 0 }),
  evolve: (state: OrderState, { type, data }: EmmettEvent) => evolveOrder(state, type, data),
};
