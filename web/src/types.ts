// Made by `npm run types` from what the server declares. Do not change it by hand.

export type Controls = Control[]
export type Library = Card[]
export type Questions = Offer[]

export interface Everything {
About?: About
Asked?: Asked
Cancel?: Cancel
Card?: Card
Control?: Control
Input?: Input
Mistake?: Mistake
Offer?: Offer
Origin?: Origin
Put?: Put
Reply?: Reply
State?: State
controls?: Controls
library?: Library
questions?: Questions
}
/**
 * What the numbers of a reply rest on. `worth`: to how many draws the weights amount (None: no weights).
 */
export interface About {
draws?: number
asked?: number
how?: ("solved" | "weighted" | "read")
worth?: (number | null)
converged?: (number | null)
seed?: number
}
/**
 * What a page sends: a screen, under which key its answers are expected, and what else the screen wants to know.
 * 
 * Of one key only the latest request is answered to its end.
 */
export interface Asked {
id: number
screen: string
key: string
state: State
options?: {
[k: string]: unknown
}
}
/**
 * A case, and all that is set otherwise in it.
 * 
 * `case`: a key of the workspace, or `text:` and the SHA-256 of a text that was sent before. `suppose`: best guesses
 * moved (a number), chances of values (a number for each), weights of structures. `set`: quantities held to be known.
 * `changes`: other changes, as `detente what-if` takes them (`forbid posture=invade`), in their order.
 */
export interface State {
case: string
suppose?: {
[k: string]: number | {
[k: string]: number
}
}
set?: {
[k: string]: number | string
}
/**
 * @maxItems 12
 */
changes?: string[]
as_of?: (string | null)
draws?: number
seed?: number
}
/**
 * What a page sends to have no more answers under a key.
 */
export interface Cancel {
cancel: string
}
/**
 * A case as the library shows it. `mistake`: why it cannot be opened.
 */
export interface Card {
key: string
title: string
question: string
as_of: string
happened: string
actors: string[]
mistake?: string
}
/**
 * A slider, in the analyst's words. `index`: the share of the answer's variance that the quantity explains by
 * itself (null: none that could be told from noise); `low`, `high`: the 1st and 99th percentile.
 */
export interface Control {
name: string
label: string
kind: string
means: string
unit: string
written: string
because: string
sources: Origin[]
low: number
high: number
now: number
values: number[]
chances: number[]
index: (number | null)
}
/**
 * Where a number comes from. `url` is empty where the source has none.
 */
export interface Origin {
text: string
url: string
}
/**
 * One thing that a question takes. `offered`: what it can be given, where that is known.
 */
export interface Input {
name: string
kind: ("text" | "whole" | "number" | "switch" | "choice" | "list" | "changes")
help: string
hint: string
default: string
required: boolean
offered: string[]
low: (number | null)
high: (number | null)
}
/**
 * Something that is wrong with what was asked, or with the model, and the nearest fix. Lines count from 1.
 */
export interface Mistake {
message: string
hint?: string
line?: number
column?: number
path?: string
warning?: boolean
file?: string
}
/**
 * A question as the page offers it. `draws`: how many it takes by itself; none where draws play no part.
 */
export interface Offer {
name: string
topic: string
says: string
details: string
draws: (number | null)
inputs: Input[]
}
/**
 * What a page sends to have a text of its own at hand as a case.
 */
export interface Put {
put: string
name?: string
}
/**
 * What the server sends: markup by slot, and data, of one step of an answer.
 * 
 * `final`: whether it is the last step; `stale`: whether the numbers are those of another state, shown meanwhile.
 */
export interface Reply {
id?: number
key?: string
final?: boolean
stale?: boolean
html?: {
[k: string]: string
}
data?: unknown
about?: (About | null)
progress?: (unknown[] | null)
mistakes?: Mistake[]
need?: string
milliseconds?: number
}
