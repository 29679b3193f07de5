module cke.lab/pods

go 1.24
