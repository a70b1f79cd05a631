/// Shell functions that ask the program itself what may come next, so that they are never out of
/// date: `rampart --candidates WORD...` prints one candidate per line.
enum CompletionScript {
  /// For bash 4.4 or later.
  static func bash(_ program: String) -> String {
    """
    # Completion of \(program) for bash. In ~/.bashrc: source <(\(program) completion bash)
    _\(program)() {
      local line word help stem words=() IFS=$' \\t\\n'
      # Split at blanks only: COMP_WORDS is also split at '=' and ':'.
      read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
      case "${COMP_LINE:0:COMP_POINT}" in *[[:space:]]) words+=("") ;; esac
      word=${words[${#words[@]} - 1]}
      stem=${word%"${word##*[=:]}"}
      COMPREPLY=()
      while IFS=$'\\t' read -r line help; do
        case $line in
          :files) compopt -o default ;;
          :folders) compopt -o dirnames ;;
          *=) compopt -o nospace && COMPREPLY+=("${line#"$stem"}") ;;
          *) COMPREPLY+=("${line#"$stem"}") ;;
        esac
      done < <("${words[0]}" --candidates "${words[@]:1}" 2>/dev/null)
    }
    complete -F _\(program) \(program)
    """
  }

  /// For zsh 5 or later.
  static func zsh(_ program: String) -> String {
    """
    #compdef \(program)
    # Completion of \(program) for zsh. In ~/.zshrc, after compinit: source <(\(program) completion zsh)
    _\(program)() {
      local line word
      local -a closed open
      for line in "${(@f)$("${(@Q)words[1]}" --candidates "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        word=${${line%%$'\\t'*}//:/\\\\:}
        case $line in
          '') ;;
          :files) _files ;;
          :folders) _files -/ ;;
          *=$'\\t'*) open+=("$word") ;;
          *) closed+=("$word:${line#*$'\\t'}") ;;
        esac
      done
      (( $#closed )) && _describe -t values value closed
      (( $#open )) && _describe -t keys key open -S ''
      return 0
    }
    if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _\(program) "$@"; else compdef _\(program) \(program); fi
    """
  }
}

extension CommandSpec {
  /// `PROGRAM completion bash|zsh`: prints the script that completes `program`.
  public static func completion(
    of program: String, output: Terminal = .output
  ) -> CommandSpec {
    CommandSpec(
      "completion", abstract: "Print a script that completes this command in a shell.",
      discussion: """
        To have it in every new shell:

          bash   echo 'source <(\(program) completion bash)' >> ~/.bashrc
          zsh    echo 'source <(\(program) completion zsh)' >> ~/.zshrc
        """,
      parameters: [
        .argument("SHELL", "The shell.", kind: .oneOf("shell", ["bash", "zsh"]))
      ]
    ) { arguments in
      let isZsh = arguments.positional("SHELL") == "zsh"
      output.writeLine(isZsh ? CompletionScript.zsh(program) : CompletionScript.bash(program))
      return .done
    }
  }
}
