variable "name" {
  description = "Of everything here; buckets put the account's number behind it"
  type        = string
  default     = "facsimile"
}

variable "region" {
  description = "Where it stands: faces are personal data, so choose by the law that holds for them"
  type        = string
}

variable "vpc_id" {
  description = "The network that the group's machines are in"
  type        = string
}

variable "private_subnet_ids" {
  description = "Of that network, in two availability zones at least, with a way out through a NAT"
  type        = list(string)
  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "The database and the load balancer need subnets in two availability zones."
  }
}

variable "allowed_cidrs" {
  description = "Whose addresses may reach the server, such as the network's own or a VPN's"
  type        = list(string)
  validation {
    condition     = length(var.allowed_cidrs) > 0 && !contains(var.allowed_cidrs, "0.0.0.0/0")
    error_message = "Name the networks that may reach the server; the whole internet may not."
  }
}

variable "hostname" {
  description = "Under which the server is reached; point it at the output load_balancer"
  type        = string
}

variable "certificate_arn" {
  description = "Of the certificate of that name, in AWS Certificate Manager"
  type        = string
}

variable "image" {
  description = "The image of deploy/mlflow/Containerfile, by digest"
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "Give the image by its digest, NAME@sha256:..., so that it cannot change unseen."
  }
}

variable "database_class" {
  description = "Of the database: the smallest does for a group"
  type        = string
  default     = "db.t4g.small"
}

variable "keep_days" {
  description = "Days that backups, logs and replaced versions of files are kept"
  type        = number
  default     = 30
}
