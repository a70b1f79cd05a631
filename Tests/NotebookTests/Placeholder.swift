// NotebookTests
