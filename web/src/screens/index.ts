// The screens, in the order in which they stand in the navigation.
import type { ComponentType } from "preact";
import { Answer } from "./answer";
import { Argument } from "./argument";
import { Library } from "./library";
import { Questions } from "./questions";
import { Timeline } from "./timeline";

export interface Screen {
  name: string;
  title: string;
  screen: ComponentType;
}

export const SCREENS: Screen[] = [
  { name: "answer", title: "Answer", screen: Answer },
  { name: "argument", title: "Argument", screen: Argument },
  { name: "timeline", title: "Timeline", screen: Timeline },
  { name: "questions", title: "Questions", screen: Questions },
  { name: "library", title: "Library", screen: Library },
];
