// The screens, in the order in which they stand in the navigation.
import type { ComponentType } from "preact";
import { Answer } from "./answer";
import { Argument } from "./argument";
import { Library } from "./library";
import { Maps } from "./maps";
import { Model } from "./model";
import { Play } from "./play";
import { Questions } from "./questions";
import { Share } from "./share";
import { Timeline } from "./timeline";
import { Tree } from "./tree";

export interface Screen {
  name: string;
  title: string;
  screen: ComponentType;
}

export const SCREENS: Screen[] = [
  { name: "answer", title: "Answer", screen: Answer },
  { name: "argument", title: "Argument", screen: Argument },
  { name: "tree", title: "Tree", screen: Tree },
  { name: "timeline", title: "Timeline", screen: Timeline },
  { name: "maps", title: "Maps", screen: Maps },
  { name: "play", title: "Play", screen: Play },
  { name: "model", title: "Model", screen: Model },
  { name: "share", title: "Share", screen: Share },
  { name: "questions", title: "Questions", screen: Questions },
  { name: "library", title: "Library", screen: Library },
];
