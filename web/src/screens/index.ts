// The screens, in the order in which they stand in the navigation.
import type { ComponentType } from "preact";
import { Answer } from "./answer";
import { Library } from "./library";
import { Model } from "./model";
import { Questions } from "./questions";
import { Share } from "./share";

export interface Screen {
  name: string;
  title: string;
  screen: ComponentType;
}

export const SCREENS: Screen[] = [
  { name: "answer", title: "Answer", screen: Answer },
  { name: "questions", title: "Questions", screen: Questions },
  { name: "model", title: "Model", screen: Model },
  { name: "share", title: "Share", screen: Share },
  { name: "library", title: "Library", screen: Library },
];
