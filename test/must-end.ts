/**
 * Loaded before each test file. One whose tests have ended, and that is kept alive by something that was not closed,
 * fails with the names of what is open: it would otherwise hold up all files after it for ever.
 */
const MOST_MS = 900_000

if (process.env['NODE_TEST_CONTEXT'] !== undefined)
  setTimeout(() => {
    console.error(`${process.argv[1]} has not ended. Open: ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, MOST_MS).unref()
