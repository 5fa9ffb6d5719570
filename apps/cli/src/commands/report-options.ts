import { Option } from 'commander'

/** Options of commands that follow a deployment to its end: the reports of it that CI systems read. */
export function reportOptions(): Option[] {
  return [
    new Option('--junit <file>', 'write a JUnit report with one test for each host'),
    new Option('--summary <file>', 'write a summary in Markdown'),
  ]
}
