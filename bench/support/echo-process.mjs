// The bare limit in a process.
process.on('message', (message) => process.send(message));
