// Hello is a workload: an HTTP server with a probe, a log, and a folder of notes.
// "hello cat FILE" is for kubectl exec, as there is no shell.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "cat" {
		data, err := os.ReadFile(os.Args[2])
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(string(data))
		return
	}
	http.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("GET /{folder}/{name}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, file(r))
	})
	http.HandleFunc("PUT /{folder}/{name}", func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err == nil {
			err = os.WriteFile(file(r), data, 0o644)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
		log.Println("kept", r.URL.Path)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func file(r *http.Request) string { return "/" + r.PathValue("folder") + "/" + r.PathValue("name") }
