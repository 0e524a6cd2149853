// Command volley is the SQL analytics engine: shell, server, coordinator,
// worker and test runner in one binary. See package app for its commands.
package main

import "volley/app"

func main() { app.Main() }
