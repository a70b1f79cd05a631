internal import CommandLineTools
internal import Foundation

let program = CommandProgram(.rampart, version: CommandSpec.rampartVersion)
exit(program.run(CommandLine.arguments.dropFirst()).rawValue)
