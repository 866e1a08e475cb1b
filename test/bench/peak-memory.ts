/** Loaded before a program, prints its peak memory in bytes when it ends. */
process.on('exit', () => console.error(`peak memory ${process.resourceUsage().maxRSS * 1024}`))
