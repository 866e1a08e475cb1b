/** Words for no data where it may be that nobody reads the metrics of a process. @param who `alerter`, `process` … */
export function unscraped(who: string): string {
  return `No ${who} is scraped: add its metrics port to Prometheus`
}
