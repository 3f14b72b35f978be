using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Chasqui.Protocol;
using Chasqui.Server.Http;

namespace Chasqui.Server.Introspection;

/// <summary>A parameter of an address.</summary>
/// <param name="Name">Its name in the path or the query.</param>
/// <param name="In"><c>path</c> or <c>query</c>.</param>
/// <param name="Type">Its type, in words.</param>
/// <param name="Description">What it is for.</param>
internal sealed record ApiParameter(string Name, string In, string Type, string? Description)
{
    public object? Default { get; init; }

    public long? Minimum { get; init; }

    public long? Maximum { get; init; }

    /// <summary>What a text has to match, where that can be said.</summary>
    public string? Pattern { get; init; }

    public string? Example { get; init; }

    /// <summary>The parameter with its limits, as a reader wants them.</summary>
    public string Text => string.Join(' ', new[]
    {
        Description,
        (Minimum, Maximum) switch
        {
            ({ } low, { } high) => $"{low} to {high}.",
            ({ } low, null) => $"At least {low}.",
            _ => null,
        },
        Default is null ? null : string.Create(CultureInfo.InvariantCulture, $"Default: {Default}."),
    }.Where(part => part is not null));

    /// <summary>A part of the path: the names mean the same everywhere.</summary>
    public static ApiParameter InPath(string name) => name switch
    {
        "id" => new(name, "path", ConversationId.Prefix + "<uuid>", "The conversation; its bare uuid does as well.")
        {
            Pattern = IdPattern.OnInput(ConversationId.Prefix, "conversation:"),
            Example = Examples.Talk.ToString(),
        },
        "user" => new(name, "path", "string", "A user id, a bare uuid, a username or an e-mail address.")
        {
            Example = Examples.Grace.ToString(),
        },
        "user_id" => new(name, "path", UserId.Prefix + "<uuid>", "The user; the bare uuid does as well.")
        {
            Pattern = IdPattern.OnInput(UserId.Prefix),
            Example = Examples.Grace.ToString(),
        },
        "uuid" => new(name, "path", "uuid", "The task's bare uuid.")
        {
            Pattern = IdPattern.OnInput(),
            Example = Examples.TaskUuid.ToString(),
        },
        _ => new(name, "path", "string", null),
    };

    public static ApiParameter InQuery(ParameterInfo parameter) =>
        new(parameter.Name!, "query", parameter.ParameterType == typeof(string) ? "string" : "integer",
            parameter.GetCustomAttribute<DescriptionAttribute>()?.Description)
        {
            Default = parameter.HasDefaultValue ? parameter.DefaultValue : null,
            Minimum = parameter.GetCustomAttribute<AtLeastAttribute>()?.Minimum
                ?? (int?)parameter.GetCustomAttribute<RangeAttribute>()?.Minimum,
            Maximum = (int?)parameter.GetCustomAttribute<RangeAttribute>()?.Maximum,
        };

    public static ApiParameter Ticket(string name) => new(name, "query", "string", "A ticket of `POST /api/ws/ticket`, in the place of the token.");

    public static ApiParameter Token(string name) =>
        new(name, "query", "string", "The token of `POST /api/login`, where no `Authorization` header can be sent.")
        {
            Example = Examples.Token,
        };
}
