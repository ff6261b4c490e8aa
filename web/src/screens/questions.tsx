export function Questions() {
  return <p>Questions</p>;
}
