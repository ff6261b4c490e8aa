// The screens, in the order in which they stand in the navigation.
import type { ComponentType } from "preact";
import { Answer } from "./answer";
import { Library } from "./library";
import { Maps } from "./maps";
import { Questions } from "./questions";
import { Tree } from "./tree";

export interface Screen {
  name: string;
  title: string;
  screen: ComponentType;
}

export const SCREENS: Screen[] = [
  { name: "answer", title: "Answer", screen: Answer },
  { name: "tree", title: "Tree", screen: Tree },
  { name: "maps", title: "Maps", screen: Maps },
  { name: "questions", title: "Questions", screen: Questions },
  { name: "library", title: "Library", screen: Library },
];
