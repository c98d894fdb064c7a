module hitless.dev/toolbelt/pause

go 1.24.0
