// Made by `npm run types` from what the server declares. Do not change it by hand.

export type Controls = Control[]
export type Library = Card[]
export type Questions = Offer[]
export type Verdicts = Judgement[]

export interface Everything {
About?: About
Again?: Again
Argument?: Argument
Asked?: Asked
Assertion?: Assertion
AtSeat?: AtSeat
Axis?: Axis
Button?: Button
Came?: Came
Cancel?: Cancel
Card?: Card
CaseMark?: CaseMark
Cast?: Cast
Checked?: Checked
Choice?: Choice
Choices?: Choices
Cite?: Cite
Column?: Column
Control?: Control
Day?: Day
End?: End
Ended?: Ended
Eyes?: Eyes
Fit?: Fit
Fix?: Fix
Frame?: Frame
Group?: Group
Input?: Input
Invitation?: Invitation
Item?: Item
Judgement?: Judgement
Level?: Level
Made?: Made
MapsData?: MapsData
Mark?: Mark
Mistake?: Mistake
ModelText?: ModelText
NodeData?: NodeData
Offer?: Offer
Origin?: Origin
Other?: Other
Otherwise?: Otherwise
Passage?: Passage
Pickable?: Pickable
Pulled?: Pulled
Put?: Put
Reply?: Reply
Role?: Role
Seated?: Seated
Share?: Share
Shot?: Shot
Size?: Size
State?: State
Stop?: Stop
Structure?: Structure
Text?: Text
Thread?: Thread
Timeline?: Timeline
TreeData?: TreeData
TreeNode?: TreeNode
Without?: Without
controls?: Controls
library?: Library
questions?: Questions
verdicts?: Verdicts
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
 * A decision seen again: which of how many, and what was chosen.
 */
export interface Again {
number: number
of: number
heading: string
chose: string
}
/**
 * What the case argues. `apart`: the mechanisms and claims that cite no paragraph of a text.
 */
export interface Argument {
texts: Text[]
mechanisms: Thread[]
claims: Assertion[]
structures: Structure[]
apart: Passage
}
/**
 * A source that is cited by paragraph. `complete`: the case says how many paragraphs it has.
 */
export interface Text {
source: string
title: string
about: string
url: string
note: string
complete: boolean
passages: Passage[]
}
/**
 * A paragraph of a source, by its number: the mechanisms and claims that take it up, and how many other parts of
 * the case cite it.
 */
export interface Passage {
number: number
mechanisms: string[]
claims: string[]
others: number
}
/**
 * A mechanism. `stuck`: why it cannot be switched off, `kept`:
 * what of it stays where it is switched off; null until that is known.
 */
export interface Thread {
name: string
label: string
says: string
cites: Cite[]
stuck?: (string | null)
kept?: (string[] | null)
}
/**
 * What is cited. `source`: the name of the source, `paragraph`: where in it; `url` is empty where it has none.
 */
export interface Cite {
text: string
source: string
paragraph: string
title: string
url: string
}
/**
 * A claim as it is written.
 */
export interface Assertion {
name: string
label: string
says: string
holds: string
mechanism: string
cites: Cite[]
}
/**
 * A combination of rival structures: how many draws have it, and what share of the weight.
 */
export interface Structure {
name: string
words: string
share: number
draws: number
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
 * A seat as it is shown. `mark`: what this state of it is known by; `same`: it is as it was, and no markup is
 * sent; `made`: how many moves were made from this seat; `news`: all that it has seen, in sentences; `empty`: the
 * other seats at which nobody sits yet.
 */
export interface AtSeat {
mark: string
same: boolean
actor: string
label: string
phase: string
heading: string
made: number
moves: Button[]
news: string[]
taken: string[]
seats: string[]
empty: string[]
coached: boolean
}
/**
 * A move that can be made now.
 */
export interface Button {
move: string
label: string
means: string
}
/**
 * A quantity along one side of a picture: `low` stands at `left`, `high` at `right`, in the units of its drawing,
 * with equal steps, or equal ratios (`log`), in between. `values`: those that were looked at; where `few`, there are
 * no others.
 */
export interface Axis {
name: string
left: number
right: number
low: number
high: number
log: boolean
values: number[]
few?: boolean
}
/**
 * What happened, and when.
 */
export interface Came {
date: string
said: string
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
 * What the text of a case is known by.
 */
export interface CaseMark {
digest: string
}
/**
 * Who can be played, and what of the state of the page a play takes in (`taken`) and what it leaves out.
 */
export interface Cast {
title: string
roles: Role[]
taken: string[]
left: string[]
}
/**
 * An actor that can be played: who it is, what it wants, and what it decides.
 */
export interface Role {
name: string
label: string
means: string
wants: string[]
decides: string[]
}
/**
 * What is wrong with a text. `whole`: whether all was looked at; `size`: of what can be used.
 */
export interface Checked {
marks: Mark[]
whole: boolean
size?: (Size | null)
}
/**
 * Something wrong in a text, from one character to another. `line`, `column`: from 1, as messages tell it.
 */
export interface Mark {
message: string
hint: string
line: number
column: number
start: number
stop: number
warning: boolean
fixes?: Fix[]
}
/**
 * What a click does: the characters from `start` to `stop` are replaced by `text`.
 */
export interface Fix {
label: string
start: number
stop: number
text: string
}
/**
 * How large a model is. `exact`: whether its tree was grown; else the number of nodes is an estimate.
 */
export interface Size {
nodes: number
exact: boolean
information_sets?: number
plays?: number
quantities?: number
structures?: number
}
/**
 * Something that may be written. `kind`: what it is (`key`, `quantity`, `move`, `function`, ...); `writes`: what is
 * put in, where that is more than its name; `means`: what it is, in the words of the model or of the language.
 */
export interface Choice {
name: string
kind: string
means?: string
writes?: string
}
/**
 * What may be written, in place of the characters from `start` to `stop`.
 */
export interface Choices {
start: number
stop: number
choices: Choice[]
}
/**
 * Where the tree stands at one stage: in which period, who acts, and what it is about.
 */
export interface Column {
period: string
who: number
name: string
what: string
means?: string
}
/**
 * A slider, in the analyst's words. `index`: the share of the answer's variance that the quantity explains by
 * itself (null: none that could be distinguishable from noise); `low`, `high`: the 1st and 99th percentile.
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
 * A day asked again: what its answer owes to each item that was known, once that is worked out (`complete`).
 */
export interface Day {
date: string
pulls: Pulled[]
complete: boolean
}
/**
 * What the answer of a day owes to an item: `value` above what it would be without it, null where too few draws
 * are left to say.
 */
export interface Pulled {
place: number
value: (number | null)
said: string
without: string
}
/**
 * An outcome: its name, its words, the class of its colour, and how likely it is in this tree.
 */
export interface End {
name: string
words: string
means: string
hue: string
reach: number
}
/**
 * A play that is over: its log, what the file is called, and how many moves were made from this seat.
 */
export interface Ended {
log: string
file: string
made: number
seed: number
}
/**
 * An actor, and whether it sees the tree otherwise than it is.
 */
export interface Eyes {
name: string
words: string
otherwise: boolean
}
/**
 * What of a state still applies to its case, and what was dropped, in words.
 */
export interface Fit {
state: State
dropped: string[]
}
/**
 * The axes of a picture. `up` is that of the second quantity, if there is one; its `left` is the lower end.
 */
export interface Frame {
across: Axis
up?: (Axis | null)
}
/**
 * A group of outcomes (or an outcome) whose probability is followed, with the class of its colour.
 */
export interface Group {
name: string
colour: string
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
 * A seat for somebody else, and what it is exchanged for a key with.
 */
export interface Invitation {
actor: string
label: string
invitation: string
}
/**
 * An item of evidence. `place`: its number in the file; `used`: whether it bears on the model; `telling`: how
 * likely the case holds a sign to be; `held`: how likely the model held it on the day, where it can say.
 */
export interface Item {
place: number
date: string
kind: string
says: string
why: string
telling: string
cites: Cite[]
used: boolean
held?: string
}
/**
 * A verdict as the page has changed the case; `was`: as it is written, `by`: the difference with its 95% interval
 * (empty where nothing is changed). `chip` is the class of its badge.
 */
export interface Judgement {
name: string
verdict: string
chip: string
share: string
value: (number | null)
was: string
by: string
}
/**
 * A number as known on a day: its mean with 90% of draws (null where it is not defined), and both in words.
 */
export interface Level {
mean: (number | null)
low: (number | null)
high: (number | null)
said: string
span: string
}
/**
 * A case made of a form, and what is wrong with it; `fields`: by the name of a field, what is wrong there.
 */
export interface Made {
text: string
name: string
marks: Mark[]
fields: {
[k: string]: string
}
}
/**
 * What can be chosen, and the pictures of what is. `here`: the values at which all else is at its median; `cloud`:
 * values of some draws.
 */
export interface MapsData {
quantities: Pickable[]
across: string
up: string
shots?: Shot[]
here?: number[]
cloud?: number[][]
fine?: boolean
}
/**
 * A quantity that can be looked along. `index`: what share of the variance of the answer it explains by itself;
 * None where that is not distinguishable from noise.
 */
export interface Pickable {
name: string
words: string
means: string
unit: string
index?: (number | null)
}
/**
 * A picture in which one can point at values. `slot`: the markup that holds it; `regimes`: of a map what stands at
 * each value of the axis up, and of that across.
 */
export interface Shot {
slot: string
what: string
frame: Frame
height: number
width: number
regimes?: string[][]
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
 * The text of a case. `name`: the case that it is, or is a draft of; `saved`: the text that case has on disk;
 * `file`: whether that is a file that may be written to; `digest`: of the text, `saved_digest` of that on disk.
 */
export interface ModelText {
key: string
name: string
text: string
digest: string
saved: string
saved_digest: string
file: boolean
}
/**
 * What can be asked at a node. `moves`: what there is to do, under the names and in the words of the model; `move`
 * and `against`: the two that are compared; `sees`: whether its actor sees some quantity otherwise than it is.
 */
export interface NodeData {
id: number
title: string
actor: string
stage: string
moves?: unknown[][]
move?: string
against?: string
sees?: boolean
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
 * What somebody else said of an event, or a base rate (no date). `asked`: that is the event the case asks about, by
 * the same day (`p`: converted to it, where the case states a hazard); `ours`: what this model gave that event then,
 * where it is another one by the same day, once that is known.
 */
export interface Other {
who: string
date: (string | null)
p: number
said: string
event: string
asked: boolean
base_rate: boolean
ours?: string
}
/**
 * A step that an actor holds to be more or less likely than it is, over all histories in which it can be made.
 * 
 * `node`: the one that is drawn to which it leads most often, or -1.
 */
export interface Otherwise {
event: string
result: string
seen: number
truth: number
node: number
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
/**
 * A seat at a table, and those that are kept for others.
 */
export interface Seated {
table: string
actor: string
case: string
invitations: Invitation[]
}
/**
 * What can be shared. `digest`: of the text of the case; `otherwise`: what is set otherwise, in words; `unsaid`:
 * what no model can say, so that reports and pictures cannot be had with it; `command`: for the same numbers;
 * `in_file`: whether that needs the variant file; `pictures`: by name, their titles; None while they are drawn.
 */
export interface Share {
digest: string
draft: boolean
otherwise: string[]
unsaid: string[]
command: string
in_file: boolean
pictures?: ({
[k: string]: string
} | null)
}
/**
 * A day: the answer and each group, in the order of `Timeline.groups`. `ess`: how many draws are effective.
 * `passed`: where time that passes without the event moves the forecast on this day, that it does, in words.
 */
export interface Stop {
date: string
answer: Level
groups: Level[]
ess: number
passed?: string
}
/**
 * The record of a case. `first` and `last`: between which days the cursor moves; `known`: the last day up to which
 * evidence is read; `stops`: the days that are worked through so far, before any evidence first, of `days`; `sealed`:
 * nothing that is dated after `last` was sent.
 */
export interface Timeline {
says: string
probability: boolean
first: string
last: string
known: string
sealed: boolean
items: Item[]
others: Other[]
happened: (Came | null)
groups?: Group[]
stops?: Stop[]
days?: number
}
/**
 * A tree, as it is drawn. `structure` and `view`: which one, and as which actor sees it (empty: as it is).
 */
export interface TreeData {
nodes: TreeNode[]
columns: Column[]
actors: Eyes[]
outcomes: End[]
structures: Structure[]
structure: number
view: string
least: number
size: number
plays: number
most: number
draws: number
otherwise?: Otherwise[]
}
/**
 * A node that is drawn. `parent`: the place of the one above it; `who`: the number of the actor that moves here, or
 * CHANCE, ENDING, FOLD or GATED; `column`: where it stands.
 * 
 * `odds`: how likely the step to it is once play has come so far; `reach`: how likely the whole way, with 90% of the
 * draws between `low` and `high`; Where the tree is an actor's, `truth` is the whole way and `truly` the
 * step as it is. `set`: the number of its information set, and `kin` how many histories its owner cannot tell apart
 * there. `plays`: how many whole plays go through it, `folded`: whether what follows is left out. `ends`: of what is
 * left out, how likely each outcome is.
 */
export interface TreeNode {
id: number
parent: number
label: string
means: string
who: number
column: number
odds: number
reach: number
low: (number | null)
high: (number | null)
truth?: (number | null)
truly?: (number | null)
set?: number
kin?: number
outcome?: number
plays?: number
branches?: number
folded?: boolean
ends?: unknown[][]
}
/**
 * The forecast of each day without some items. `pull`: how far the answer of the last day with them is above that;
 * `error`: the standard error of that difference; `anew`: whether it was solved without them, not weighed; `enough`:
 * whether enough draws are left by their weights.
 */
export interface Without {
out: number[]
stops: Stop[]
pull: (number | null)
error: (number | null)
said: string
anew: boolean
enough: boolean
}
